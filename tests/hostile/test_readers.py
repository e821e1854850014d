"""Whatever stands in a file that is read: words on the file and the place, exit code 2, and nothing written over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.run.records import GarbledError
from bnregress.run.verdict_cache import CachedVerdict, VerdictCache
from tests.run.test_verdict_cache import CELL, key, record

ROOT = Path(__file__).parents[2]
SAMPLE = json.dumps(
    json.loads((ROOT / "tests" / "reports" / "sample" / "results.json").read_text(encoding="utf-8")), indent=1
)
ENTRY = """[[known]]
cells = "tf2.1.0/h5"
checks = { mode-parity = "off" }
reason = "Because."
remedy = "Do."
source = "not reported upstream"
"""
TABLE = '[tool.bnregress]\nselect = "tf2.1.0"\n'
#: Where a terminal would be told to do something.
ESCAPE = "\x1b[2J\x1b]0;title\x07"
GIGABYTE = 2**30

Spoil = Callable[[str], str | bytes]


def put(old: str, new: str) -> Spoil:
    def spoil(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return spoil


def in_results(change: Callable[[dict], object]) -> Spoil:  # type: ignore[type-arg]
    def spoil(text: str) -> str:
        value = json.loads(text)
        change(value)
        return json.dumps(value)

    return spoil


def twice(value: dict) -> None:  # type: ignore[type-arg]
    value["cells"].append(value["cells"][0])


def greener(value: dict) -> None:  # type: ignore[type-arg]
    cell = next(cell for cell in value["cells"] if cell["status"] == "regress")
    cell["status"] = "pass"


def renamed(name: str) -> Spoil:
    return in_results(lambda value: value["cells"][0].update(id=name))


RESULTS: dict[str, tuple[Spoil, list[str]]] = {
    "unknown key": (put('"complete":', '"complet":1, "complete":'), ["unknown key 'complet'", "Did you mean complete"]),
    "unknown key below": (put('"status":', '"statu": 1, "status":'), ["$.cells[0]", "Did you mean", "status"]),
    "wrong type": (put('"complete": true', '"complete": "yes"'), ["$.complete", "boolean"]),
    "truncated": (lambda text: text[:-100], ["JSON", "line"]),
    "empty": (lambda _: "", ["JSON"]),
    "no text": (lambda _: b"\xff\xfe\x00", ["JSON", "utf-8"]),
    "nested": (lambda _: "[" * 200_000, ["nested deeper"]),
    "nested within what Python reads": (lambda _: '{"a":' * 500 + "1" + "}" * 500, ["nested deeper"]),
    "not a number": (put('"max_abs": ', '"max_abs": NaN, "was": '), ["NaN is not a JSON number: line "]),
    "minus infinity": (put('"max_abs": ', '"max_abs": -Infinity, "was": '), ["-Infinity", "line "]),
    "beyond a float": (put('"max_abs": ', '"max_abs": 1e999, "was": '), ["too large a number"]),
    "thousands of digits": (put('"max_abs": ', f'"max_abs": {"9" * 5000}, "was": '), ["too large a number"]),
    "a key twice": (put('"max_abs": ', '"max_abs": 1, "max_abs": '), ["'max_abs' is there 2 times"]),
    "half a character": (put('"reason": "', r'"reason": "\ud800'), ["JSON"]),
    "a cell twice": (in_results(twice), ["is listed 2 times"]),
    "a green cell with a red check": (in_results(greener), ["$.cells[", "pass, and its check"]),
    **{
        f"a cell named {name!r}": (renamed(name), ["$.cells[0]"])
        for name in ("a|b/c", "`a`/b", "<script>/b", f"{ESCAPE}/b", "a\nb/c", "../../etc/passwd")
    },
}
KNOWN: dict[str, tuple[Spoil, list[str]]] = {
    "unknown key": (put("reason", "reson"), ["entry 1", "Did you mean reason"]),
    "wrong type": (put('"Because."', "5"), ["entry 1", "'reason'"]),
    "truncated": (lambda text: text[:-5], ["TOML"]),
    "no text": (lambda _: b"\xff\xfe\x00", ["TOML"]),
    "nested": (lambda _: "known = " + "[" * 200_000, ["nested deeper"]),
    "nested tables": (lambda _: "a." * 500 + "b = 1", ["nested deeper"]),
    "thousands of digits": (put('"Because."', "9" * 5000), ["TOML", "limit"]),
    "not a number": (put('"Because."', "nan"), ["entry 1", "'reason'"]),
    "a key twice": (put('reason = "Because."', 'reason = "a"\nreason = "b"'), ["TOML", "line"]),
    "two entries of one cell": (lambda text: text + text.replace("Because.", "Not so."), ["entries 1", "and 2"]),
    **{
        f"cells named {name!r}": (put("tf2.1.0/h5", json.dumps(name)[1:-1]), ["entry 1"])
        for name in ("a|b/c", "`a`/b", "<script>/b", f"{ESCAPE}/b", "a\nb/c", "../../etc/passwd")
    },
}
CONFIGURATION: dict[str, tuple[Spoil, list[str]]] = {
    "unknown key": (put("select", "selct"), ["[tool.bnregress]", "Did you mean select"]),
    "wrong type": (put('"tf2.1.0"', "5"), ["'select'", "list of strings"]),
    "no table": (lambda _: "[tool]\nbnregress = 5\n", ["tool.bnregress"]),
    "truncated": (lambda text: text[:-3], ["TOML"]),
    "no text": (lambda _: b"\xff\xfe\x00", ["TOML"]),
    "nested": (lambda text: text + "path = " + "[" * 200_000, ["nested deeper"]),
    "nested values": (put('"tf2.1.0"', "[" * 100 + "]" * 100), ["nested deeper"]),
    "thousands of digits": (lambda text: text + f"jobs = {'9' * 5000}\n", ["TOML", "limit"]),
    "not a number": (lambda text: text + "timeout = nan\n", ["'timeout'"]),
    "infinity": (lambda text: text + "timeout = inf\n", ["'timeout'"]),
    "a key twice": (lambda text: text + 'select = "a"\n', ["TOML", "line"]),
    "a name with escapes": (lambda text: text + '"a\\u001b[2J|`<script>" = 1\n', ["unknown key"]),
}
CASES = [
    pytest.param(reader, spoil, said, id=f"{reader}: {name.encode('unicode_escape').decode()}")
    for reader, table in (("results", RESULTS), ("shard", RESULTS), ("known", KNOWN), ("configuration", CONFIGURATION))
    for name, (spoil, said) in table.items()
]


def prepared(reader: str, folder: Path) -> tuple[Path, str, list[str]]:
    """The file that a reader reads, what is right in it, and the command that reads it."""
    out = ["--out", str(folder / "out")]
    if reader == "results":
        return folder / "results.json", SAMPLE, ["report", str(folder / "results.json"), *out]
    if reader == "shard":
        return folder / "all" / "1" / "results.json", SAMPLE, ["report", str(folder / "all"), *out]
    if reader == "known":
        return folder / "known.toml", ENTRY, ["known", "--known", str(folder / "known.toml")]
    return folder / "pyproject.toml", TABLE, ["plan"]


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str], Path], str]:
    """What a command says as it refuses a file, after a look that it wrote nothing and gave no terminal an order."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.json").write_text("earlier", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def ask(command: list[str], file: Path) -> str:
        assert main(command) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.removesuffix("\n").isprintable()
        assert str(file) in captured.err
        assert len(captured.err) < 3000
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["results.json"]
        assert (tmp_path / "out" / "results.json").read_text(encoding="utf-8") == "earlier"
        return captured.err

    return ask


@pytest.mark.parametrize(("reader", "spoil", "said"), CASES)
def test_a_spoilt_file_is_refused_in_words(
    reader: str, spoil: Spoil, said: list[str], tmp_path: Path, refused: Callable[[list[str], Path], str]
) -> None:
    file, right, command = prepared(reader, tmp_path)
    spoilt = spoil(right)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(spoilt if isinstance(spoilt, bytes) else spoilt.encode())
    message = refused(command, file)
    assert [words for words in said if words not in message] == []


@pytest.mark.parametrize("reader", ["results", "shard", "known", "configuration"])
def test_a_gigabyte_is_refused_before_it_is_read(
    reader: str, tmp_path: Path, refused: Callable[[list[str], Path], str]
) -> None:
    file, _, command = prepared(reader, tmp_path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.truncate(file, GIGABYTE)  # no block of it is on the disk
    if reader in ("results", "shard"):
        command = ["gate", str(file)]  # `report` sums up the sizes of all files before
    assert f"{GIGABYTE} bytes are more than" in refused(command, file)


BROKEN_ENTRIES: dict[str, Callable[[str], str]] = {
    "truncated": lambda text: text[:-20],
    "empty": lambda _: "",
    "nested": lambda _: "[" * 200_000,
    "wrong type": lambda _: "[]",
    "not a number": lambda text: text.replace('"max_abs": 1', '"max_abs": NaN'),
    "another name": lambda text: text.replace(CELL.path, "../../etc/passwd"),
    "a verdict that was changed": lambda text: text.replace('"regress"', '"pass"'),
    "thousands of digits": lambda _: '{"sha256": ' + "9" * 5000 + "}",
}


@pytest.mark.parametrize("name", BROKEN_ENTRIES)
def test_a_spoilt_verdict_in_the_cache_is_dropped_and_never_believed(name: str, tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    cache.store(key(), CachedVerdict(record=record("regress", max_abs=1), facts=None))
    (file,) = cache.root.glob("*/*.json")
    text = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(json.loads(text)), encoding="utf-8")
    spoilt = BROKEN_ENTRIES[name](file.read_text(encoding="utf-8"))
    assert spoilt != text
    file.write_text(spoilt, encoding="utf-8")
    assert cache.contents().damaged == 1
    with pytest.raises(GarbledError):
        cache.load(key(), CELL)
    assert not file.exists()


def test_a_gigabyte_in_the_cache_is_dropped_before_it_is_read(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    cache.store(key(), CachedVerdict(record=record(), facts=None))
    (file,) = cache.root.glob("*/*.json")
    os.truncate(file, GIGABYTE)
    with pytest.raises(GarbledError):
        cache.load(key(), CELL)


@pytest.mark.parametrize("change", [{"status": "pass"}, {"checks": "none"}, {"path": "../h5"}, {"kind": "crash"}])
def test_a_forged_verdict_with_the_right_digest_must_still_be_one(change: dict[str, str], tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    cache.store(key(), CachedVerdict(record=record("regress") | change, facts=None))
    with pytest.raises(GarbledError):
        cache.load(key(), CELL)


def test_the_sample_that_is_spoilt_here_is_right_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in ("results", "shard", "known", "configuration"):
        folder = tmp_path / reader
        folder.mkdir()
        monkeypatch.chdir(folder)
        file, right, command = prepared(reader, folder)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(right, encoding="utf-8")
        assert main(command) == 0
