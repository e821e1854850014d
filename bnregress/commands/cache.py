"""`bnregress cache`: what earlier runs decided and later runs need not decide again."""

from __future__ import annotations

from bnregress.commands.declared.cache import CacheArguments
from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.reading.text import count, size
from bnregress.reports.screen import Screen
from bnregress.run.verdict_cache import VerdictCache


def execute(arguments: CacheArguments) -> ExitCode:
    """Prune if that was requested, and say what there is."""
    cache, screen = VerdictCache(cache_dir()), Screen()
    if arguments.prune is not None:
        screen.print(f"{count(cache.prune(arguments.prune), 'verdict')} removed")
    found = cache.contents()
    damaged = f", {found.damaged} of them damaged and of no use" if found.damaged else ""
    screen.print(f"{count(found.entries, 'verdict')} kept{damaged}, {size(found.size)}", soft_wrap=True)
    screen.print(f"  {cache.root}", style="dim", soft_wrap=True)
    return ExitCode.EXPECTED
