"""What each release of a plan runs on, in lines for people; nothing if all run on the CPU and no GPU is there."""

from __future__ import annotations

from collections.abc import Iterator

from bnregress.machine.devices import GPU
from bnregress.planning.plan import Plan


def device_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each kind of GPU, and one for each reason why releases do not use a GPU that is there."""
    groups: dict[str, list[str]] = {}
    for planned in plan.available:
        kind, note = planned.placement.kind, planned.placement.note
        if planned.device == GPU and kind:
            text = f"on {kind['name']}, compute capability {kind['capability']}, driver {kind['driver']}"
            groups.setdefault(text, []).append(planned.id)
        elif note:
            # Each reason names its release.
            groups[f"on the CPU: {note}"] = [planned.id]
    for text, releases in groups.items():
        yield f"{', '.join(releases)} {text}"
