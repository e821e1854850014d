"""The way back to the host: signed lines in a file that is open only while one of them is written.

A person's own module runs in this process, and may print, or write to every
descriptor that it finds. None of these is the way back; and a line counts by its
signature, made with a secret that only the request held.
"""

import hashlib
import hmac
import json

from bnregress.suite.jsonfile import plain


class Channel:
    """Tells events, each in its turn."""

    def __init__(self, file, secret):
        """Write to a file; `secret` is what the host checks the signatures with."""
        self._file = file
        self._secret = secret.encode("ascii")
        self._told = 0

    def tell(self, event, **values):
        """Send one event."""
        body = json.dumps(plain(dict(values, event=event)), allow_nan=False)
        line = signature(self._secret, self._told, body) + " " + body + "\n"
        self._told += 1
        with open(self._file, "ab", buffering=0) as stream:
            stream.write(line.encode("utf-8"))


def signature(secret, turn, body):
    """Return what proves that a line was the one told in its turn, counted from 0."""
    return hmac.new(secret, "{} {}".format(turn, body).encode("utf-8"), hashlib.sha256).hexdigest()
