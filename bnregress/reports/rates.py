"""How often cells came to what, of a run that ran them more than once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bnregress.cells.globs import selectors
from bnregress.cells.identifiers import CellId
from bnregress.reading.text import count
from bnregress.results.model import Results
from bnregress.suite import status

#: Where all cells of a line are named.
_MOST = 8


def rate_lines(results: Results, times: int) -> Iterator[str]:
    """Yield a line on what was repeated, then one for each way in which trials differed.

    Args:
        results: of a run.
        times: how often every cell was to be run.
    """
    repeated = [cell for cell in results.cells if cell.trials]
    if not repeated:
        return
    groups: dict[tuple[tuple[str, int], ...], list[CellId]] = {}
    for cell in repeated:
        if cell.trials and len(cell.trials) > 1:
            groups.setdefault(tuple(cell.trials.items()), []).append(cell.id)
    varied = sum(map(len, groups.values()))
    if times > 1:
        ran = f"{count(len(repeated), 'cell')} ran {times} times"
    else:
        ran = f"{count(len(repeated), 'regression')} not listed as known ran a second time"
    yield f"{ran}: {f'{varied} differed between trials' if varied else 'no verdict differed'}."
    for counts, ids in groups.items():
        named = [selector for selector, _ in selectors(ids)]
        more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
        yield f"  {_rate(dict(counts))}: {', '.join(named[:_MOST])}{more}"


def _rate(counts: Mapping[str, int]) -> str:
    total, broken = sum(counts.values()), counts.get(status.REGRESS)
    others = ", ".join(f"{number} {word}" for word, number in counts.items() if word != status.REGRESS)
    return f"regressed in {broken} of {total} trials ({others})" if broken else others
