"""Interpreters are fetched by the real uv, from an archive of this very Python and a download list that names it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bnregress.machine import fetching
from bnregress.machine.fetching import LIST, FetchError, Interpreters
from bnregress.machine.interpreters import Interpreter
from tests.machine.standalone import key, pack, sha256, write_list

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
VERSION = f"{MINOR}.{sys.version_info[2]}"
KEY = key(VERSION)
#: What uv itself keeps in the folder of interpreters, whatever happened.
BOOKKEEPING = {".gitignore", ".lock", ".temp"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This Python in the layout of python-build-standalone."""
    target = tmp_path_factory.mktemp("archive") / "python.tar.gz"
    pack(Path(sys.base_prefix), target)
    return target


@dataclass
class Offer:
    """A download list in a folder of its own, and what uv is told of it."""

    root: Path
    url: str
    sha256: str | None
    settings: dict[str, str] = field(default_factory=dict)

    def interpreters(self, **options: Any) -> Interpreters:
        write_list(self.root / "list.json", VERSION, self.url, self.sha256)
        environ = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.root / "home"),
            "UV_CACHE_DIR": str(self.root / "cache"),
            "UV_PYTHON_INSTALL_DIR": str(self.root / "pythons"),
            "UV_PYTHON_DOWNLOADS_JSON_URL": (self.root / "list.json").as_uri(),
            "UV_HTTP_RETRIES": "0",
            **self.settings,
        }
        return Interpreters(environ=environ, **options)

    def left(self) -> set[str]:
        """What lies in the folder of interpreters beside uv's bookkeeping, half-unpacked files included."""
        folder = self.root / "pythons"
        if not folder.exists():
            return set()
        return {each.name for each in (*folder.iterdir(), *folder.glob(".temp/*"))} - BOOKKEEPING


@pytest.fixture
def offer(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """A machine that has no interpreter, and a list that offers one."""
    monkeypatch.setattr(fetching, "find_interpreter", lambda python: None)
    return Offer(tmp_path, archive.as_uri(), sha256(archive))


def test_what_the_list_offers_is_fetched_and_runs(offer: Offer) -> None:
    interpreters, told = offer.interpreters(), list[str]()
    offered = interpreters.find(MINOR)
    assert offered is not None
    assert offered.download == offer.url
    assert not offered.executable.exists()

    fetched = interpreters.fetch(offered, told.append)

    assert (fetched.version, fetched.executable, fetched.download) == (VERSION, offered.executable, None)
    assert offer.left() == {KEY, KEY.replace(VERSION, MINOR)}
    assert told == [f"fetching CPython {VERSION} from {offer.url}"]
    assert interpreters.fetch(fetched) == fetched


def test_what_takes_long_is_told_with_what_is_there_already(
    offer: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a uv that unpacks slowly and then gives up."""
    interpreters = offer.interpreters()
    found = interpreters.find(MINOR)
    assert found is not None
    slow = tmp_path / "uv"
    slow.write_text(
        '#!/bin/sh\nmkdir -p "$UV_PYTHON_INSTALL_DIR/.temp/x"\n'
        'head -c 3000000 /dev/zero > "$UV_PYTHON_INSTALL_DIR/.temp/x/python"\n'
        "sleep 2\necho 'error: cause' >&2\necho '  Caused by: it was too slow' >&2\nexit 1\n"
    )
    slow.chmod(0o755)
    monkeypatch.setattr(fetching, "find_uv_bin", lambda: str(slow))
    monkeypatch.setattr(fetching, "TELLING_SECONDS", 0.5)
    said: list[str] = []
    with pytest.raises(FetchError, match="it was too slow"):
        interpreters.fetch(found, said.append)
    assert said[0].startswith(f"fetching CPython {VERSION} from ")
    assert re.fullmatch(rf"fetching CPython {re.escape(VERSION)} for \d+ s: 3 MB unpacked", said[-1]), said
    assert len(said) > 2


def test_two_at_once_share_one(offer: Offer) -> None:
    interpreters = offer.interpreters()
    offered = interpreters.find(MINOR)
    assert offered is not None
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(interpreters.fetch, [offered, offered])
    assert one == other


def test_a_wrong_hash_leaves_nothing_and_is_named(offer: Offer) -> None:
    offer.sha256 = "0" * 64
    with pytest.raises(FetchError, match=r"(?i)hash|checksum") as failed:
        offer.interpreters().fetch(_offered(offer))
    assert offer.left() == set()
    assert "--resume" in failed.value.remedy


def test_a_broken_archive_leaves_nothing(offer: Offer, archive: Path) -> None:
    broken = offer.root / "broken.tar.gz"
    broken.write_bytes(archive.read_bytes()[: 2**20])
    offer.url, offer.sha256 = broken.as_uri(), sha256(broken)
    with pytest.raises(FetchError, match=f"CPython {VERSION} could not be fetched from file://"):
        offer.interpreters().fetch(_offered(offer))
    assert offer.left() == set()


@pytest.fixture
def half(archive: Path) -> Iterator[str]:
    """The address of a server that ends each connection in the middle of the file."""
    whole = archive.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[: len(whole) // 2])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/python.tar.gz"
    server.shutdown()
    server.server_close()


def test_a_connection_that_ends_in_the_middle_leaves_nothing(offer: Offer, half: str) -> None:
    offer.url = half
    with pytest.raises(FetchError, match="could not be fetched from http://127"):
        offer.interpreters().fetch(_offered(offer))
    assert offer.left() == set()


@pytest.fixture
def full(offer: Offer) -> Iterator[None]:
    """The interpreters go to a disk with room for a part of one."""
    folder = offer.root / "pythons"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a file system here: {mounted.stderr.decode().strip()}")
    yield
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.usefixtures("full")
def test_a_full_disk_leaves_nothing_and_is_named(offer: Offer) -> None:
    with pytest.raises(FetchError, match="No space left on device") as failed:
        offer.interpreters().fetch(_offered(offer))
    assert offer.left() == set()
    assert "the disk" in failed.value.remedy


def test_what_does_not_run_is_refused(offer: Offer) -> None:
    root = offer.root / "fake" / "python" / "bin"
    root.mkdir(parents=True)
    for name in ("python", "python3", f"python{MINOR}"):
        (root / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (root / name).chmod(0o755)
    fake = shutil.make_archive(str(offer.root / "fake"), "gztar", offer.root / "fake", "python")
    offer.url, offer.sha256 = Path(fake).as_uri(), sha256(Path(fake))
    with pytest.raises(FetchError):
        offer.interpreters().fetch(_offered(offer))


@pytest.mark.parametrize("digest", [None, "", "abc"])
def test_nothing_is_offered_whose_hash_is_not_known_before(offer: Offer, digest: str | None) -> None:
    offer.sha256 = digest
    assert offer.interpreters().find(MINOR) is None


@pytest.mark.parametrize(
    ("options", "settings", "why"),
    [
        ({"mode": "installed"}, {}, "--interpreters installed"),
        ({"offline": True}, {}, "offline"),
        ({}, {"UV_OFFLINE": "1"}, "offline"),
        ({}, {"UV_PYTHON_DOWNLOADS": "never"}, "UV_PYTHON_DOWNLOADS is never"),
    ],
)
def test_nothing_is_offered_where_fetching_is_off(
    offer: Offer, options: dict[str, Any], settings: dict[str, str], why: str
) -> None:
    offer.settings = settings
    interpreters = offer.interpreters(**options)
    assert interpreters.find(MINOR) is None
    assert why in interpreters.absent(MINOR)[0]


def test_a_version_that_no_list_has_says_so(offer: Offer) -> None:
    interpreters = offer.interpreters()
    assert interpreters.find("3.6") is None
    reason, remedy = interpreters.absent("3.6")
    assert "no build of it for this platform" in reason
    assert "pyenv" in remedy


def test_what_is_on_the_machine_goes_first(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Interpreter("3.99.1", Path("/opt/python3.99"))
    monkeypatch.setattr(fetching, "find_interpreter", lambda python: here)
    assert offer.interpreters().find("3.99") == here


def test_every_supported_python_is_offered_by_uvs_list_or_ours(offer: Offer) -> None:
    """On Linux, x86-64; nothing is downloaded."""
    environ = {name: value for name, value in offer.interpreters().environ.items() if "JSON_URL" not in name}
    for minor in range(7, 15):
        found = Interpreters(environ=environ).find(f"3.{minor}")
        assert found is not None
        assert found.version.startswith(f"3.{minor}.")
        assert str(found.download).startswith("https://")


def test_our_list_names_the_sha256_of_every_file() -> None:
    for build in json.loads(LIST.read_text(encoding="utf-8")).values():
        assert len(bytes.fromhex(build["sha256"])) == 32


def _offered(offer: Offer) -> Interpreter:
    offered = offer.interpreters().find(MINOR)
    assert offered is not None
    return offered
