"""What pip is set up with, for uv, which does not read it. The repository's noxfile loads this file by its path.

So it imports the standard library alone: nothing is installed yet.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

_NAMES = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}


def for_uv(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's index, certificate and proxy as uv's environment variables; nothing if uv has an index of its own.

    The variables of the environment itself are not among them, and go before them.
    """
    return {} if _configures_uv(environ) else _from_pip(environ)


def _configures_uv(environ: Mapping[str, str]) -> bool:
    if any(name in environ for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return True
    homes = [
        environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config",
        environ.get("APPDATA", ""),
        "/etc",
    ]
    return any((Path(home) / "uv" / "uv.toml").is_file() for home in homes if home)


def _from_pip(environ: Mapping[str, str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for file in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if parser.has_section("global"):
            settings |= {key.replace("_", "-"): value for key, value in parser.items("global")}
    for key in _NAMES:
        if value := environ.get("PIP_" + key.upper().replace("-", "_")):
            settings[key] = value
    return {name: settings[key] for key, name in _NAMES.items() if settings.get(key)}


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    """Pip's configuration files, the weightiest last."""
    home = _home(environ)
    files = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip/pip.conf"]
    files += [Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"]
    files += [home / "Library/Application Support/pip/pip.conf"]
    files += [Path(environ[name]) / "pip" / "pip.ini" for name in ("PROGRAMDATA", "APPDATA") if environ.get(name)]
    files += [Path(environ["PIP_CONFIG_FILE"])] if environ.get("PIP_CONFIG_FILE") else []
    return files


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
