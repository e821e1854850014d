"""Stands for TensorFlow; FAKE_IMPORT says how its import ends."""

import os
import signal


class Framework:
    def facts(self):
        return {"tensorflow": "0.0.0", "python": "fake"}


def load_framework(mode="default"):
    with open(os.environ["FAKE_TRACE"], "a") as trace:
        trace.write(f"import {os.getpid()}\n")
    ending = os.environ.get("FAKE_IMPORT")
    if ending == "raise":
        raise ImportError("Traceback (most recent call last):\n  File x\nlibfake.so.9: cannot open\n\nSee https://x")
    if ending == "die":
        os.kill(os.getpid(), signal.SIGILL)
    return Framework()
