"""The way back to the host: lines of JSON on what was standard output."""

import json
import os
import sys

from bnregress.suite.jsonfile import plain


class Channel:
    """Keeps standard output for itself; whatever else prints goes to standard error from now on."""

    def __init__(self):
        sys.stdout.flush()
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        # Native code prints as well, so the descriptor is turned, not only Python's stream.
        os.dup2(2, 1)

    def tell(self, event, **values):
        """Send one event."""
        line = json.dumps(plain(dict(values, event=event)), allow_nan=False)
        self._stream.write(line + "\n")
        self._stream.flush()
