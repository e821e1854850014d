"""Paths that end in the ways that the engine must cope with."""

import os
import signal
import subprocess
import sys
import time

from pathlib import Path

from bnregress.suite.framework import CONTROL
from bnregress.suite.registry import PATHS, loading_path

__all__ = ["PATHS"]

#: Ends nothing when asked to, and tells its process id.
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"


def path(behaviour):
    loading_path(behaviour.__name__.replace("_", "-"), family="applications", summary="fake")(behaviour)
    return behaviour


@path
def sound(framework):
    return "pass"


@path
def also_sound(framework):
    return "pass"


@path
def regresses(framework):
    return "regress"


def next_of(name):
    """The next of the words in a file of that name, one for each trial; `crash` ends the process."""
    file = CONTROL / f"{name}.txt"
    word, _, left = file.read_text().partition(" ")
    file.write_text(left)
    if word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    return word


@path
def flaky(framework):
    return next_of("flaky")


@path
def also_flaky(framework):
    return next_of("also-flaky")


@path
def slow(framework):
    time.sleep(3)
    return "pass"


@path
def hangs(framework):
    return "hang"


@path
def segfaults(framework):
    os.kill(os.getpid(), signal.SIGSEGV)


@path
def leaves_a_child(framework):
    """A child with cleared variables, so that only its process group tells whose it is."""
    env = {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, env=env)
    child.stdout.readline()
    (CONTROL / "child.txt").write_text(str(child.pid))
    time.sleep(600)


@path
def kills_the_controller(framework):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


@path
def killed_once(framework):
    """Somebody ends its worker the first time, and the controller with it where a file says so."""
    seen = CONTROL / "killed.txt"
    if not seen.exists():
        seen.touch()
        os.kill(os.getppid() if (CONTROL / "controller.txt").exists() else os.getpid(), signal.SIGKILL)
        time.sleep(600)
    return "pass"


@path
def shows_its_surroundings(framework):
    return "surroundings"


def _write(network, folder):
    (Path(folder) / "model.txt").write_text(network)


def _fail(network, folder):
    raise OSError("no such format")


def crossing(id, save):
    def build(framework, fixture):
        text = (Path(fixture) / "model.txt").read_text()
        return "pass" if text == "saved from resnet50" else "regress"

    loading_path(id, family="cross-release", summary="fake", save=save)(build)


crossing("kept-from", _write)
crossing("refused-from", _fail)


@path
def tf_keras_legacy(framework):
    """Known by this name to the host, which sets a variable for it."""
    return "pass" if os.environ.get("TF_USE_LEGACY_KERAS") == "1" else "regress"


@path
def without_variables(framework):
    return "regress" if "TF_USE_LEGACY_KERAS" in os.environ else "pass"
