"""Keras' own files of ImageNet weights that a person has put into the cache, for machines without a network."""

from __future__ import annotations

import hashlib

from bnregress.errors import UsageError
from bnregress.machine.locations import cache_dir
from bnregress.reading.tables import Table
from bnregress.resources import RESOURCES

TABLE = RESOURCES / "imagenet.toml"


def local_files() -> dict[str, str]:
    """Return the file of each application that lies in `weights/` of the cache; Keras downloads what is not there.

    Raises:
        UsageError: a file of that name is there and is not Keras' own.
    """
    folder, found = cache_dir() / "weights", {}
    for application, told in Table.read(TABLE, "ImageNet weights").entries.items():
        path = folder / told["file"]
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            digest = hashlib.md5(usedforsecurity=False)
            while block := stream.read(2**20):
                digest.update(block)
        if digest.hexdigest() != told["md5"]:
            raise UsageError(
                f"{path} is not Keras' file of ImageNet weights: its MD5 is {digest.hexdigest()}, not {told['md5']}."
                " Download it again, or take it away and Keras downloads it; other weights go through --weights FILE."
            )
        found[application] = str(path.absolute())
    return found
