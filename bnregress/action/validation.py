"""What the text of an input may be: whatever does not look exactly so is refused before anything starts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from bnregress.commands.configuration.kinds import Switch
from bnregress.commands.configuration.option import Option
from bnregress.errors import UsageError, nearest
from bnregress.results.identity import read_id

_GLOB = re.compile(r"[A-Za-z0-9*?{\[][A-Za-z0-9_.*?{}\[\]!,=@/:+~-]*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,=+@-]*")
_SHARD = re.compile(r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
_MODEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*")
_LONGEST = 10_000


def matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    """Return a reader of a text that fits a pattern as a whole; `what` names it in the message."""

    def read(text: str) -> str:
        if len(text) > _LONGEST or not pattern.fullmatch(text):
            raise UsageError(f"{quoted(text)} is not {what}.")
        return text

    return read


read_word = matching(_WORD, "a name of letters, digits and . _ - + , = @")
read_shard = matching(_SHARD, "a shard. Write I/N, as in 1/3")
read_model = matching(_MODEL, "MODULE:CALLABLE, as in models:build")
_read_glob = matching(_GLOB, "a selector, a glob with braces such as tf2.{0,1}.*")


def read_run(text: str) -> str:
    """Read the identity of a run."""
    return read_id(text)


def read_globs(text: str) -> tuple[str, ...]:
    """Read selectors with white space between them; none of them can pass for an option."""
    return tuple(_read_glob(part) for part in text.split())


def read_shards(text: str) -> str:
    """Read a number of shards, as many as GitHub takes."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 256):
        raise UsageError(f"{quoted(text)} is not a number of shards. Write 1 to 256, the most that GitHub allows.")
    return text


def read_flag(text: str) -> bool:
    """Read true or false."""
    if text not in ("true", "false"):
        raise UsageError(f"{quoted(text)} is neither true nor false.")
    return text == "true"


def choice(*known: str) -> Callable[[str], str]:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in known:
            guess = nearest(text[:100], known)
            raise UsageError(f"{quoted(text)} is not one of {', '.join(known)}.{guess}")
        return text

    return read


def read_path(text: str, roots: Sequence[Path]) -> Path:
    """Read a path, relative to the first of the roots; it must stay inside one of them, links followed."""
    if not text.isprintable() or text.startswith(("-", "~")) or len(text) > 1_000:
        raise UsageError(f"{quoted(text)} is not a path. Write it without line breaks, and not as an option.")
    path = (roots[0] / text).resolve()
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise UsageError(f"{quoted(text)} is outside the workspace and the runner's temporary folder.")
    return path


def read_python(text: str, roots: Sequence[Path]) -> Path:
    """Read the path of an interpreter or of an environment: one of the machine's own may lie anywhere."""
    if not text.isprintable() or text.startswith(("-", "~")) or len(text) > 1_000:
        raise UsageError(f"{quoted(text)} is not a path. Write it without line breaks, and not as an option.")
    # Links are not followed: a virtual environment's interpreter is one to another without its packages.
    return (roots[0] / text).absolute()


def read_side(text: str, roots: Sequence[Path]) -> str:
    """Read one side of an upgrade: the id of a release, or the path of an environment, which has a slash in it."""
    return str(read_python(text, roots)) if "/" in text else read_word(text)


def read_known(text: str, roots: Sequence[Path]) -> Path | str:
    """Read the path of a file of known regressions, or the word none."""
    return text if text == "none" else read_path(text, roots)


def read_paths(text: str, roots: Sequence[Path]) -> tuple[Path, ...]:
    """Read paths, one on a line."""
    return tuple(read_path(line.strip(), roots) for line in text.split("\n") if line.strip())


def listed(words: Sequence[str], last: str) -> str:
    """Return words as a list of a sentence; `last` stands before the last one."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def read_extra(text: str, known: Sequence[Option]) -> tuple[str, ...]:
    """Read further options, each one that the command takes and with a value that cannot be an option itself.

    Args:
        text: options as a shell has them.
        known: those that may stand there, switches and numbers.

    Returns:
        an argument each, `--name` or `--name=value`.
    """
    try:
        words = shlex.split(text[:_LONGEST])
    except ValueError as error:
        raise UsageError(f"{quoted(text)} cannot be split into options ({error}).") from error
    by_name = {f"--{option.name}": option for option in known}
    options: list[str] = []
    while words:
        name, equals, value = words.pop(0).partition("=")
        if name not in by_name:
            raise UsageError(
                f"{quoted(name)} is not allowed in extra-args, which takes only {', '.join(by_name)} for this command."
                " Other options have inputs of their own."
            )
        if isinstance(by_name[name].kind, Switch):
            if equals:
                raise UsageError(f"{name} in extra-args takes no value.")
            options.append(name)
            continue
        value = value if equals else words.pop(0) if words else ""
        if not _NUMBER.fullmatch(value):
            raise UsageError(f"{quoted(value)} in extra-args is not a number for {name}.")
        try:
            by_name[name].kind.from_text(value)
        except ValueError as error:
            raise UsageError(f"{quoted(value)} in extra-args for {name} {error}") from None
        options.append(f"{name}={value}")
    return tuple(options)


def quoted(text: str) -> str:
    """Return the text for a message, in quotes, on one line and not too long of it."""
    shown = repr(text)
    return shown if len(shown) <= 100 else f"{shown[:99]}…"
