"""Loading paths that end their process in every way there is; a test adds this file to a copy of the suite."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Any, NoReturn

from bnregress.suite.registry import loading_path

IGNORES_SIGTERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(10000)"


@loading_path("segfaults", family="hazard", summary="reads from address 0")
def segfaults(framework: Any) -> None:
    ctypes.string_at(0)


@loading_path("aborts", family="hazard", summary="os.abort()")
def aborts(framework: Any) -> None:
    os.abort()


@loading_path("killed", family="hazard", summary="os.kill(os.getpid(), SIGKILL)")
def killed(framework: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@loading_path("exits", family="hazard", summary="os._exit(1)")
def exits(framework: Any) -> None:
    os._exit(1)


@loading_path("hangs", family="hazard", summary="waits for ever, its children too")
def hangs(framework: Any) -> None:
    for alone in (False, True):
        subprocess.Popen([sys.executable, "-c", IGNORES_SIGTERM], start_new_session=alone)
    time.sleep(10000)


@loading_path("raises", family="hazard", summary="raises RuntimeError")
def raises(framework: Any) -> NoReturn:
    raise RuntimeError("this path is broken")


class CrashesWhenCalled:
    layers = ()
    weights = ()
    input_shape = (None, 32, 32, 3)

    def __call__(self, *arguments: Any, **options: Any) -> None:
        ctypes.string_at(0)


@loading_path("crashes-in-a-check", family="hazard", summary="a network that crashes when it is called")
def crashes_in_a_check(framework: Any) -> CrashesWhenCalled:
    return CrashesWhenCalled()
