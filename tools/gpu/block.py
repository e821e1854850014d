"""The block for docs/gpu.md: what was run on which GPU, its seconds, and what is left of each tolerance."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

from bnregress import __version__
from bnregress.reports.markdown import code, escape, table
from bnregress.results.model import Results
from tools.gpu.deviations import deviations
from tools.gpu.steps import BENCHMARK, CORES, FAULTS, FINETUNE, PLAIN, Done, Outcome

#: What of the device stands in the table, with how a person calls it.
_TOLD = (
    ("name", "GPU"),
    ("capability", "compute capability"),
    ("driver", "driver"),
    ("cuda", "CUDA"),
    ("cudnn", "cuDNN"),
    ("tf32", "TF32"),
    ("memory", "memory"),
    ("deterministic", "deterministic"),
    ("devices", "replicas on"),
)


def render_block(outcome: Outcome) -> str:
    """Return the block as Markdown."""
    ready = outcome.done["ready-gpu"].results
    blocks = [f"### {_gpu(ready)}, {datetime.now(timezone.utc):%Y-%m-%d}", _facts(ready)]
    blocks += [table(["what", "came to", "s", "s of cells"], list(_rows(outcome)))]
    if outcome.compared:
        blocks.append(_against_the_cpu(outcome))
    plain = outcome.done[PLAIN].results if PLAIN in outcome.done else None
    if plain is not None:
        rows = [
            [
                code(each.check), each.precision, str(each.cells), f"{each.largest:.1e}" if each.largest else "0",
                f"{each.allowed:.1e}" if each.allowed else "none", f"{each.share:.0%}", code(each.cell),
            ]
            for each in deviations(plain.cells)
        ]  # fmt: skip
        blocks.append("Of sound cells on the GPU, the one that comes nearest to its tolerance:")
        blocks.append(table(["check", "precision", "cells", "deviation", "allowed", "share", "cell"], rows))
    return "\n\n".join(blocks) + "\n"


def _gpu(results: Results | None) -> str:
    device = next((release.device for release in results.releases.values()), None) if results else None
    return str((device or {}).get("name", "a GPU that was not told"))


def _facts(results: Results | None) -> str:
    rows = [["bnregress", __version__]]
    for release in results.releases.values() if results else ():
        rows += [["TensorFlow", str(release.engine_name)], ["Keras", release.keras], ["Python", str(release.python)]]
        rows += [
            [told, escape(str(release.device[key]))] for key, told in _TOLD if release.device and key in release.device
        ]
        if release.local is not None:
            rows += [[f"found: {name}", escape(str(version))] for name, version in release.local["found"].items()]
    return table(["", ""], rows)


def _rows(outcome: Outcome) -> list[list[str]]:
    rows = []
    for name in (PLAIN, FINETUNE, FAULTS, BENCHMARK):
        if name in outcome.done:
            done = outcome.done[name]
            rows.append([done.step.title, _came_to(done), f"{done.seconds:.0f}", _of_cells(done)])
    return rows


def _came_to(done: Done) -> str:
    results = done.results
    if results is None:
        return escape(f"{done.last_line} (exit code {done.code})")
    counted = Counter(cell.status for cell in results.cells)
    counts = ", ".join(f"{count} {name}" for name, count in counted.most_common())
    unexpected = sum(cell.unexpected for cell in results.cells)
    return f"{len(results.cells)} cells: {counts}; {unexpected} of them unexpected regressions (exit code {done.code})"


def _of_cells(done: Done) -> str:
    results = done.results
    return f"{sum(sum((cell.seconds or {}).values()) for cell in results.cells):.0f}" if results else ""


def _against_the_cpu(outcome: Outcome) -> str:
    gpu, cpu = outcome.done[PLAIN], outcome.done[BENCHMARK]
    said = (
        f"The plain run took {gpu.seconds / cpu.seconds:.2f} times as long as on {CORES} cores of the same machine's"
        f" CPU. Of {outcome.compared} cells, {outcome.compared - len(outcome.differing)} have the same status on both."
    )
    differing = [
        f"- {code(subject)}: {there} on the CPU, {here} on the GPU ({escape(reason)})"
        for subject, there, here, reason in outcome.differing
    ]
    return "\n".join([said, "", *differing]) if differing else said
