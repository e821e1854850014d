"""Selectors: globs with braces over names, as in `tf2.{0,1}.*` and `*/savedmodel*`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

import bracex

from bnregress.cells.suggesting import listed_by, suggestion
from bnregress.errors import UsageError

#: More globs than this come out of no brace expression that a person means.
MAX_GLOBS = 1000


def expand_braces(selector: str) -> tuple[str, ...]:
    """Return the globs that a selector stands for: `a{b,c}` is `ab` and `ac`, `{1..3}` is 1, 2 and 3.

    Raises:
        UsageError: a brace or bracket is not closed, or the braces stand for more than `MAX_GLOBS` globs.
    """
    for opening, closing, name in (("{", "}", "brace"), ("[", "]", "bracket")):
        if selector.count(opening) != selector.count(closing):
            verb = "closed" if selector.count(opening) > selector.count(closing) else "opened"
            raise UsageError(f"A {name} in {shorten(selector)} is not {verb}. Write it as in 'tf2.{{0,1}}.[0-2]'.")
    try:
        # The empty text expands to no glob at all, and must not pass for a selector that asks for nothing.
        return tuple(dict.fromkeys(bracex.expand(selector, keep_escapes=True, limit=MAX_GLOBS))) or (selector,)
    except bracex.ExpansionLimitException:
        raise UsageError(
            f"{shorten(selector)} expands to more than {MAX_GLOBS} globs. Write a shorter range, or use *."
        ) from None
    except RecursionError:
        raise UsageError(f"{shorten(selector)} has braces too deep within one another. Write fewer of them.") from None


def matches(selector: str, name: str) -> bool:
    """Whether the name fits the selector; letters' case counts."""
    return any(fnmatchcase(name, glob) for glob in expand_braces(selector))


def choose(selectors: Iterable[str], names: Collection[str], what: str) -> list[str]:
    """Return the names that fit any of the selectors, in the order of `names`.

    Args:
        selectors: globs with braces.
        names: all that there are.
        what: what the names are, for the message, as in "release".

    Raises:
        UsageError: a selector, or one alternative of its braces, fits no name; says the nearest names.
    """
    selected: set[str] = set()
    for selector in selectors:
        for glob in expand_braces(selector):
            found = [name for name in names if fnmatchcase(name, glob)]
            if not found:
                raise no_match(selector, glob, names, what)
            selected.update(found)
    return [name for name in names if name in selected]


def no_match(selector: str, glob: str, names: Collection[str], what: str) -> UsageError:
    """Return the error for a glob, out of the selector's braces, that fits none of the names."""
    of = f" (from {shorten(selector)})" if glob != selector else ""
    parts = [part.strip() for part in glob.split(",")]
    if len(parts) > 1 and all(any(fnmatchcase(name, part) for name in names) for part in parts):
        return UsageError(
            f"{shorten(glob)} are several. Write '{{{','.join(parts)}}}', or give the option once for each."
        )
    hint = suggestion(glob.strip("*"), names, what) or _examples(names)
    return UsageError(f"No {what} is named {shorten(glob)}{of}.{hint} {listed_by(what)} lists them all.")


def shorten(text: str) -> str:
    """Return the text in quotes, cut if it is too long for a message."""
    return repr(text if len(text) <= 80 else text[:80] + "…")


def _examples(names: Collection[str]) -> str:
    first = list(names)[:3]
    return f" There are {', '.join(first)}{', …' if len(names) > 3 else ''}." if first else " There are none."
