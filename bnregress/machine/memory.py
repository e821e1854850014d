"""Memory of this machine and of the control group it gives us."""

from __future__ import annotations

import re
from pathlib import Path

import psutil

_CGROUPS = Path("/sys/fs/cgroup")


def available_bytes() -> int:
    """Bytes that new processes may take, by the machine and by the control group."""
    available = int(psutil.virtual_memory().available)
    for limit, usage in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        for group in _own_groups():
            top, used = _number(group / limit), _number(group / usage)
            if top is not None and used is not None:
                available = min(available, max(0, top - used))
    return available


def out_of_memory_kills() -> int:
    """How many processes the kernel has ended so far for lack of memory, where it says so; 0 elsewhere."""
    files = [group / name for group in _own_groups() for name in ("memory.events", "memory/memory.oom_control")]
    for file in [*files, Path("/proc/vmstat")]:
        try:
            found = re.search(r"^oom_kill (\d+)$", file.read_text(encoding="ascii"), re.MULTILINE)
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            return int(found[1])
    return 0


def _own_groups() -> list[Path]:
    """Folders of this process's control group; inside a container the root is usually the only one there."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    unified = [line.removeprefix("0::").lstrip("/") for line in lines if line.startswith("0::")]
    return [folder for folder in [*(_CGROUPS / name for name in unified), _CGROUPS] if folder.is_dir()]


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
