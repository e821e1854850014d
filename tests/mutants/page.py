"""The part of docs/power.md that tells of mutants; the rest of the page is that of `nox -s power`."""

from __future__ import annotations

from collections.abc import Sequence

from bnregress.reading.text import count as counted
from bnregress.reports.markdown import code, collapsed, escape, fenced, prose, table
from tests.mutants.report import SURVIVED, UNDECIDED, Result, count
from tests.mutants.targets import AREAS

_BEGIN, _END = "<!-- What `nox -s mutants -- --page docs/power.md` measured. -->", "<!-- End of mutants. -->"
#: Where the part goes if the page has none yet.
_BEFORE = "## Faults\n"
_WHAT_IT_MEANS = (
    "A mutant is one change of one place of the framework's own deciding code, made in memory: a condition negated or"
    " fixed, a statement dropped, arguments swapped or dropped, another constant, comparison or branch. The place is"
    " drawn by chance (`tests/mutants/`), so nobody who knows the suite has chosen it. A witness that knows nothing of"
    " bnregress builds, trains, saves and loads models with and without the mutant; where nothing differs by more than"
    " rounding, the mutant does not count. On the others the cells of a plain run are decided until one regresses:"
    " killed. Survived: all of them are green. Undecided: none regresses, and at least one ends in an error or is"
    " inconclusive; a run says so and exits 4, so that it is no green, and no kill. The share is that of killed among"
    " killed and survived; of fewer than 20 none is given, because it would say nothing."
)


#: Mutants, killed or survived, of which a share says something.
ENOUGH = 20
_OTHERS = (
    "Somebody who had not seen the faults below wrote 62 others, before there were the cells `training` and `layers`:"
    " the suite of that day caught 8 of 15, and of 47 more 5 in 2.15.1 and 3 in 2.21.0. Those faults are not part of"
    " this repository, so they were not run again; the kinds that escaped are planted below."
    " On 2026-11-28 another person planted 22 at once in Keras 3.13.2: six were reported, 13 were met by no cell. What"
    " those needed is tested since: masks, constraints, gathered and clipped gradients, freezing before building,"
    " descriptions without regularisers, models that are saved compiled and trained on, callbacks that restore weights,"
    " and frozen layers other than BatchNorm. A third person found, with nothing planted, what no cell saw: in Keras 3"
    " on TensorFlow a model's flag does nothing if it is set to the value that it has. The cell `flags` sees it since."
    " On 2026-11-29 somebody planted 25 faults in Keras 3.13.2 and 19 in 2.15.0, each with a script that shows it. The"
    " cells of that day ran into six of the 25 and reported three. What escaped were models made of frozen layers or"
    " made frozen, what a layer is told (initialisers, momentum 0, masks, two axes, virtual batches, the mode as a"
    " tensor), models of several inputs and outputs, single batches and data with labels, weights that come back after"
    " an interruption, in other formats and past a mismatch, `stateless_call` and `enable_lora`. All are tested since,"
    " and planted below in other ways."
)
_OWN_TESTS = (
    "Keras 3.15.1 comes with its own tests and Keras 2.15.0 without any; the same mutants were not tried on them yet."
)


def section(results: Sequence[Result], how_measured: str) -> str:
    """Return the part as Markdown.

    Args:
        results: of one sample or several.
        how_measured: when, on what, and which sample.
    """
    rows = []
    for release in dict.fromkeys(each.release for each in results):
        of_release = [each for each in results if each.release == release]
        for area in (*AREAS, None):
            found = [each for each in of_release if area in (None, each.candidate.area)]
            if found:
                rows.append([release.removeprefix("tf"), escape(area or "all"), *_figures(found)])
    head = ["release", "area", "counted", "killed", "survived", "undecided", "share", "equivalent"]
    left = [each for each in results if each.verdict in (SURVIVED, UNDECIDED)]
    shown = [
        f"{each.verdict} in {each.release}: {code(each.candidate.id)}, {escape(each.candidate.mutant.function)}\n\n"
        + fenced(each.diff, "diff")
        for each in left
    ]
    title = f"{counted(len(left), 'mutant')} that {'was' if len(left) == 1 else 'were'} not killed"
    blocks = [
        _BEGIN, "## What others planted", prose(_OTHERS),
        "## Mutants of the framework", prose(_WHAT_IT_MEANS), prose(how_measured), table(head, rows), prose(_OWN_TESTS),
        *([collapsed(title, "\n\n".join(shown))] if shown else []), _END,
    ]  # fmt: skip
    return "\n\n".join(blocks)


def _figures(results: Sequence[Result]) -> list[str]:
    found = count(results)
    share = f"{found.share:.0%}" if found.share is not None and found.killed + found.survived >= ENOUGH else "–"
    return [*map(str, (found.counted, found.killed, found.survived, found.undecided)), share, str(found.equivalent)]


def put(page: str, part: str) -> str:
    """Return the page with this part in place of its own, or before the faults if it has none."""
    if _BEGIN in page:
        return page[: page.index(_BEGIN)] + part + page[page.index(_END) + len(_END) :]
    return page.replace(_BEFORE, f"{part}\n\n{_BEFORE}", 1)


def kept(before: str, page: str) -> str:
    """Return a new page with the part that the page before it had."""
    if _BEGIN not in before:
        return page
    return put(page, before[before.index(_BEGIN) : before.index(_END) + len(_END)])
