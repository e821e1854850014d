"""The cards of this machine, as NVIDIA's own library tells; nothing of TensorFlow is needed or touched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_DRIVER = "no driver"

#: What restricts which cards a process sees; the user's own setting counts.
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card; `uuid` as CUDA_VISIBLE_DEVICES takes it, `capability` such as `8.6`."""

    uuid: str
    name: str
    capability: str


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The cards that may be used, in the order of their places on the bus, and the driver's version.

    Where there is none, `absent` says why in a sentence, and `remedy` what helps.
    """

    cards: tuple[Card, ...] = ()
    driver: str = ""
    absent: str | None = None
    remedy: str | None = None


def probe(environ: Mapping[str, str] | None = None) -> Cards:
    """Look for cards; takes milliseconds where there is no driver, and never raises.

    Args:
        environ: whose CUDA_VISIBLE_DEVICES counts; default: ours.
    """
    # Imported here, because most commands need no card, and the import is half of what this costs.
    import pynvml  # noqa: PLC0415

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return _without_driver(pynvml, error)
    try:
        found = Cards(cards=_cards(pynvml), driver=_text(pynvml.nvmlSystemGetDriverVersion()))
    except pynvml.NVMLError as error:
        return Cards(absent=f"The NVIDIA driver does not answer: {error}.", remedy="See what `nvidia-smi` says.")
    finally:
        pynvml.nvmlShutdown()
    if not found.cards:
        return Cards(
            driver=found.driver,
            absent=f"The NVIDIA driver {found.driver} sees no card.",
            remedy="See what `nvidia-smi` says; a container or a job may not have been given one.",
        )
    return visible(found, (os.environ if environ is None else environ).get(VISIBLE))


def visible(found: Cards, setting: str | None) -> Cards:
    """Return the cards that a setting of CUDA_VISIBLE_DEVICES leaves, by place or the beginning of the UUID.

    As CUDA has it, nothing behind an entry that names no card counts.
    """
    if setting is None:
        return found
    left: list[Card] = []
    for entry in (part.strip() for part in setting.split(",")):
        named = [card for card in found.cards if entry and card.uuid.startswith(entry)]
        if entry.isdecimal() and int(entry) < len(found.cards):
            named = [found.cards[int(entry)]]
        if len(named) != 1:
            break
        left += [card for card in named if card not in left]
    if left:
        return Cards(cards=tuple(left), driver=found.driver)
    return Cards(
        driver=found.driver,
        absent=f"{VISIBLE} is {setting!r} and hides every card of this machine.",
        remedy=f"Take {VISIBLE} out of the environment, or let it name a card by its number or UUID.",
    )


def _cards(nvml: Any) -> tuple[Card, ...]:
    cards = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
        uuid, name = _text(nvml.nvmlDeviceGetUUID(handle)), _text(nvml.nvmlDeviceGetName(handle))
        cards.append(Card(uuid=uuid, name=name, capability=f"{major}.{minor}"))
    return tuple(cards)


def _without_driver(nvml: Any, error: Exception) -> Cards:
    nodes = [path.name for path in sorted(Path("/dev").glob("nvidia[0-9]*"))]
    if isinstance(error, nvml.NVMLError_LibRmVersionMismatch):
        return Cards(
            absent="The NVIDIA driver's libraries and its kernel module are of different versions.",
            remedy="Restart the machine, as after every update of the driver.",
        )
    if nodes:
        return Cards(
            absent=f"This machine has {', '.join(nodes)} in /dev, but its NVIDIA driver does not answer ({error}).",
            remedy="Install the driver's libraries; a container needs the NVIDIA container toolkit and `--gpus`.",
        )
    return Cards(
        absent=f"This machine has {NO_DRIVER} for an NVIDIA card and no /dev/nvidia* ({error}).",
        remedy="Run it on a machine with a card and NVIDIA's driver, or with --device cpu.",
    )


def _text(value: str | bytes) -> str:
    # Older versions of the library give bytes.
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
