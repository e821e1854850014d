"""Which device a release runs on here, and why: decided before anything is installed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bnregress.errors import UsageError, nearest
from bnregress.machine.gpus import Card, Cards
from bnregress.releases.catalog import DEVICES, Release
from bnregress.releases.cuda import Cuda, cuda_of

CPU, GPU = DEVICES
AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a release runs.

    Attributes:
        device: `cpu` or `gpu`.
        cards: the cards that it may run on, all of one kind; none on the CPU.
        driver: version of their driver.
        unavailable, remedy: why it cannot run on the device that was asked for, and what helps.
        note: why it does not run on a card that is there, where that was left to us.
    """

    device: str = CPU
    cards: tuple[Card, ...] = ()
    driver: str = ""
    unavailable: str | None = None
    remedy: str | None = None
    note: str | None = None

    @property
    def kind(self) -> dict[str, str] | None:
        """What of the card bears on a verdict; None on the CPU."""
        if not self.cards:
            return None
        return {"name": self.cards[0].name, "capability": self.cards[0].capability, "driver": self.driver}

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` reads them."""
        return asdict(self) | {"cards": [asdict(card) for card in self.cards]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Placement:
        """Read what `to_json` wrote; KeyError or TypeError where it is something else."""
        return cls(**{**value, "cards": tuple(Card(**card) for card in value["cards"])})


ON_CPU = Placement()


def require_device(device: str) -> None:
    """Raise UsageError unless `--device` may be that."""
    known = (AUTO, *DEVICES)
    if device not in known:
        raise UsageError(f"{device!r} is not a device.{nearest(device, known)} Write {', '.join(known)}.")


def place(release: Release, asked: str, cards: Cards) -> Placement:
    """Say where a release runs.

    Args:
        release: it need not have a lock.
        asked: `cpu`, `gpu` or `auto`, which takes a card where the release can use one, else the CPU.
        cards: those of this machine.
    """
    if asked == CPU or (asked == AUTO and not cards.cards):
        return ON_CPU
    found = _on_a_card(release, cards)
    if asked == AUTO and found.unavailable:
        return Placement(note=found.unavailable)
    return found


def _on_a_card(release: Release, cards: Cards) -> Placement:
    if not release.is_floating and not release.lock_path(GPU).is_file():
        return Placement(
            device=GPU,
            unavailable=f"{release.id} has no lock for the GPU.",
            remedy=f"Make it with `nox -s lock -- {release.id}` in a clone of bnregress.",
        )
    if not cards.cards:
        return Placement(device=GPU, unavailable=cards.absent, remedy=cards.remedy)
    cuda = cuda_of(release)
    if not cuda.serves_driver(cards.driver):
        return Placement(
            device=GPU,
            unavailable=f"The driver {cards.driver} is too old for CUDA {cuda.cuda}, which {release.id} is built with.",
            remedy=f"Install the driver {cuda.driver} or a newer one.",
        )
    served = [card for card in cards.cards if cuda.serves_capability(card.capability)]
    if not served:
        return Placement(device=GPU, unavailable=_too_new(release, cuda, cards), remedy=_older_card(cuda))
    # One kind of card for all of a release's cells: its verdicts are those of one machine.
    alike = tuple(card for card in served if _kind(card) == _kind(served[0]))
    return Placement(device=GPU, cards=alike, driver=cards.driver)


def _kind(card: Card) -> tuple[str, str]:
    return card.name, card.capability


def _too_new(release: Release, cuda: Cuda, cards: Cards) -> str:
    names = " and ".join(
        f"{name} (compute capability {number})" for name, number in dict.fromkeys(map(_kind, cards.cards))
    )
    return (
        f"{release.id} is built with CUDA {cuda.cuda}, whose code serves cards up to compute capability"
        f" {cuda.capability.split('.')[0]}.x, and here there is {names}."
    )


def _older_card(cuda: Cuda) -> str:
    return (
        f"Run it on a card of compute capability {cuda.capability} or less, or with --device cpu;"
        " newer releases serve newer cards."
    )
