"""The hash of a plan: over all that bears on a verdict, so that whoever has every cell can work it out again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

#: The path of a person's own model, a cell of each release beside those that are planned.
OWN_MODEL = "own-model"
#: Stands for the devices of a plan whose releases have different ones.
MIXED = "auto"


def ingredients(
    *,
    cells: Iterable[object],
    devices: Mapping[str, str],
    locks: Mapping[str, str | None],
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what the hash is made from, by name.

    Args:
        cells: ids of every planned cell, in any order.
        devices: `cpu` or `gpu`, by release.
        locks: SHA-256 of each release's lock.
        asked: `suite`, the SHA-256 of its files; of a plan that fine-tunes, `asks` and `finetune` too.
    """
    kinds = set(devices.values())
    device = kinds.pop() if len(kinds) == 1 else MIXED
    return {
        "cells": sorted(map(str, cells)),
        "device": device,
        **({"devices": dict(devices)} if device == MIXED else {}),
        "locks": dict(locks),
        **asked,
    }


def sha256(value: Mapping[str, Any]) -> str:
    """Return the hash of a plan's ingredients."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def with_model(plan: str, target: str) -> str:
    """Return the hash of a plan that a person's own model belongs to: results with another one are of another plan."""
    return hashlib.sha256(f"{plan} {OWN_MODEL} {target}".encode()).hexdigest()
