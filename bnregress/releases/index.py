"""Asks the package index, through pip and so with the user's own settings, which releases of TensorFlow it has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

from packaging.version import Version

from bnregress.errors import FatalError
from bnregress.releases.catalog import PYTHONS

#: uv's names for the index go before pip's, as they do where releases are installed.
_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
_PLATFORMS = (
    "linux_x86_64",
    *(f"manylinux{name}_x86_64" for name in ("1", "2010", "2014")),
    *(f"manylinux_2_{minor}_x86_64" for minor in range(5, 40)),
)
_UNREACHED = re.compile(r"Retrying|onnection (?:refused|reset|broken)|timed out|SSLError|ProxyError|certificate")


@dataclass(frozen=True, kw_only=True)
class Index:
    """What is on the index: for each package, the versions with a wheel for Linux, and the Pythons of each."""

    wheels: Mapping[str, Mapping[str, tuple[str, ...]]]

    def versions(self, package: str) -> list[str]:
        """Every version of a package, oldest first."""
        return sorted(self.wheels.get(package, {}), key=Version)

    def pythons(self, package: str, version: str) -> tuple[str, ...]:
        """Minor versions of CPython that the version has a wheel for, oldest first."""
        return self.wheels.get(package, {}).get(version, ())


def ask_index(packages: Collection[str], pythons: Collection[str] = PYTHONS) -> Index:
    """Ask for all versions of the packages, pre-releases too, with a wheel for Linux on x86-64.

    Raises:
        FatalError: the index cannot be reached, or has none of the packages for any of the Pythons.
    """
    pairs = list(product(packages, pythons))
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(lambda pair: _versions(*pair), pairs))
    wheels: dict[str, dict[str, tuple[str, ...]]] = {package: {} for package in packages}
    for (package, python), versions in zip(pairs, answers, strict=True):
        for version in versions:
            wheels[package][version] = (*wheels[package].get(version, ()), python)
    if not any(wheels.values()):
        raise FatalError(
            f"The package index has no wheel of {', '.join(packages)}."
            " Check the index settings of pip (`pip config list`)."
        )
    return Index(wheels=wheels)


def _versions(package: str, python: str) -> list[str]:
    command = [sys.executable, "-m", "pip", "index", "versions", package, "--json", "--pre", "--no-input"]
    command += ["--retries", "1", "--disable-pip-version-check", "--no-color"]
    command += ["--python-version", python, "--implementation", "cp", "--only-binary", ":all:"]
    for platform in _PLATFORMS:
        command += ["--platform", platform]
    for variable in _INDEX_VARIABLES:
        if address := os.environ.get(variable):
            command += ["--index-url", address]
            break
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return [str(version) for version in json.loads(result.stdout)["versions"]]
    if "No module named pip" in result.stderr:
        raise FatalError(f"pip is missing beside bnregress. Install it: `{sys.executable} -m ensurepip`.")
    if "no such option" in result.stderr:
        raise FatalError(f"pip is too old to list versions. Upgrade it: `{sys.executable} -m pip install 'pip>=25.1'`.")
    if _UNREACHED.search(result.stderr) or "No matching distribution" not in result.stderr:
        said = result.stderr.strip().splitlines()[-1:] or ["pip says nothing"]
        raise FatalError(
            f"The package index cannot be queried for {package}: {said[0]}"
            " Check the network and pip's settings of index, proxy and certificates (`pip config list`)."
        )
    return []
