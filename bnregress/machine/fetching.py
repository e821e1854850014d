"""Fetches the CPythons that a plan needs and this machine lacks: uv downloads, verifies, unpacks and keeps them.

uv's own list has CPython 3.8 and newer; `resources/interpreters.json`, in uv's format, adds 3.7. Both name the SHA-256
of every file. A person's own list (`UV_PYTHON_DOWNLOADS_JSON_URL`) takes the place of both.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from bnregress.machine.interpreters import Interpreter, find_interpreter, how_to_install, prove
from bnregress.machine.locations import size_bytes
from bnregress.machine.pip_settings import for_uv
from bnregress.resources import RESOURCES

AUTO = "auto"
INSTALLED = "installed"
#: Whether interpreters that are lacking are fetched.
MODES = (AUTO, INSTALLED)

#: The list of those that uv's own list lacks, in uv's format.
LIST = RESOURCES / "interpreters.json"
#: The person's own list, which uv reads too.
OWN_LIST = "UV_PYTHON_DOWNLOADS_JSON_URL"

_LISTING_SECONDS = 60
_FETCHING_SECONDS = 1800
#: Seconds after which, again and again, it is told that one is still being fetched.
TELLING_SECONDS = 10.0


class FetchError(Exception):
    """An interpreter could not be fetched; the message says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True)
class Interpreters:
    """The interpreters of a run: those of this machine first, then those that can be fetched.

    Attributes:
        mode: `auto` or `installed`, which fetches nothing.
        offline: fetch nothing.
        environ: environment variables; uv's own settings for mirrors, folders and proxies are among them, pip's too.
    """

    mode: str = AUTO
    offline: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: {**for_uv(os.environ), **os.environ})

    def find(self, python: str) -> Interpreter | None:
        """Return an interpreter of a minor version such as `3.7`; one with `download` is not there before `fetch`."""
        return find_interpreter(python) or (None if self._why_not() else offered(python, _frozen(self.environ)))

    def absent(self, python: str) -> tuple[str, str]:
        """Return why `find` gives none, and what to do about it."""
        why = self._why_not() or "no build of it for this platform is known to uv or to bnregress"
        return f"There is no CPython {python} on this machine, and none is fetched: {why}.", how_to_install(python)

    def fetch(self, interpreter: Interpreter, say: Callable[[str], None] = lambda _: None) -> Interpreter:
        """Fetch one that `find` offered; nothing is left behind if that fails.

        Raises:
            FetchError: the download failed, its SHA-256 is wrong, the disk is full, or it does not run here.
        """
        if interpreter.download is None:
            return interpreter
        minor = ".".join(interpreter.version.split(".")[:2])
        say(f"fetching CPython {interpreter.version} from {interpreter.download}")
        key = interpreter.executable.parents[1].name
        command = [find_uv_bin(), "python", "install", "--no-bin", *_list_option(minor, self.environ), key]
        # uv unpacks while it downloads, below this folder of its own.
        folder = interpreter.executable.parents[2] / ".temp"

        def telling(seconds: int) -> None:
            say(f"fetching CPython {interpreter.version} for {seconds} s: {size_bytes(folder) / 1e6:.0f} MB unpacked")

        try:
            code, stderr = _watched(command, self.environ, telling)
        except subprocess.TimeoutExpired:
            raise self._failed(interpreter, f"it took longer than {_FETCHING_SECONDS // 60} minutes") from None
        if code != 0:
            raise self._failed(interpreter, _cause(stderr))
        found = prove(interpreter.executable)
        if found is None:
            raise self._failed(interpreter, f"{interpreter.executable} does not run here, or is not a full CPython")
        return found

    def _why_not(self) -> str | None:
        if self.mode == INSTALLED:
            return "`--interpreters installed` takes what is there"
        if self.offline or self.environ.get("UV_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
            return "the run is offline"
        if self.environ.get("UV_PYTHON_DOWNLOADS", "").lower() in ("never", "false"):
            return f"UV_PYTHON_DOWNLOADS is {self.environ['UV_PYTHON_DOWNLOADS']}"
        return None

    @staticmethod
    def _failed(interpreter: Interpreter, cause: str) -> FetchError:
        minor = ".".join(interpreter.version.split(".")[:2])
        return FetchError(
            f"CPython {interpreter.version} could not be fetched from {interpreter.download}: {cause}.",
            f"Check the network, the proxy and the disk, or name a mirror in UV_PYTHON_INSTALL_MIRROR, then run again"
            f" with --resume. {how_to_install(minor)}",
        )


@cache
def offered(python: str, environ: tuple[tuple[str, str], ...]) -> Interpreter | None:
    """Return the newest patch of a minor version that can be fetched, None if no list has one for this platform.

    Its `executable` is where it will be, its `download` the address that it comes from.
    """
    variables = dict(environ)
    listing = ("--only-downloads", "--output-format", "json", *_list_option(python, variables), python)
    listed = _output([find_uv_bin(), "python", "list", *listing], variables)
    build = next(filter(_fits, json.loads(listed or "[]")), None)
    folder = _output([find_uv_bin(), "python", "dir"], variables)
    if build is None or folder is None:
        return None
    if variables.get(OWN_LIST) and not _pinned(variables[OWN_LIST], build["key"]):
        return None
    executable = Path(folder.strip()) / build["key"] / "bin" / f"python{python}"
    return Interpreter(build["version"], executable, build["url"])


def _frozen(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(environ.items()))


def _list_option(python: str, environ: Mapping[str, str]) -> list[str]:
    """Return uv's option that names the list: nothing for its own, and for your own, which it reads by itself."""
    ours = _in_ours(python) and not environ.get(OWN_LIST)
    return ["--python-downloads-json-url", LIST.as_uri()] if ours else []


def _in_ours(python: str) -> bool:
    builds = json.loads(LIST.read_text(encoding="utf-8")).values()
    return any(f"{build['major']}.{build['minor']}" == python for build in builds)


def _fits(build: Mapping[str, Any]) -> bool:
    return build["implementation"] == "cpython" and build["variant"] == "default" and bool(build["url"])


def _pinned(address: str, key: str) -> bool:
    """Whether the person's own list names the SHA-256 of the build: nothing is unpacked that was not known before."""
    # Here, because it takes a tenth of the time of `bnregress --version`, and is for a person's own list alone.
    import urllib.request  # noqa: PLC0415

    try:
        with urllib.request.urlopen(address if "://" in address else Path(address).as_uri(), timeout=30) as stream:  # noqa: S310 - the person's own address, which uv reads as well
            entry = json.load(stream)[key]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return re.fullmatch("[0-9a-f]{64}", str(entry.get("sha256"))) is not None


def _output(command: list[str], environ: Mapping[str, str]) -> str | None:
    try:
        return subprocess.run(
            command, env=dict(environ), capture_output=True, text=True, timeout=_LISTING_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def _watched(command: list[str], environ: Mapping[str, str], tell: Callable[[int], None]) -> tuple[int, str]:
    """Run a command, and tell while it does for how many seconds; return its exit code and what it said on stderr."""
    began = time.monotonic()
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(command, env=dict(environ), stdin=null, stdout=null, stderr=pipe, text=True) as process:
        try:
            while True:
                try:
                    _, stderr = process.communicate(timeout=TELLING_SECONDS)
                except subprocess.TimeoutExpired:  # noqa: PERF203
                    if time.monotonic() - began > _FETCHING_SECONDS:
                        raise
                    tell(round(time.monotonic() - began))
                else:
                    return process.returncode, stderr
        except BaseException:
            # Out of patience, or interrupted: it must not go on without anybody.
            process.kill()
            raise


def _cause(stderr: str) -> str:
    """Return the innermost causes of uv's error, without addresses, as part of a sentence."""
    causes = re.findall(r"^\s*(?:cause|Caused by): (.*)$", stderr, re.MULTILINE) or stderr.strip().splitlines()[-1:]
    told = dict.fromkeys(re.sub(r"\(https?://\S*\)", "", cause).strip().rstrip(".") for cause in causes)
    return "; ".join(list(told)[-3:]) or "uv does not say why"
