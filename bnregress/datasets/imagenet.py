"""Keras' own files of ImageNet weights that a person has put into the cache, for machines without a network."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from bnregress.errors import FatalError, UsageError
from bnregress.machine.atomic import aside
from bnregress.machine.locations import cache_dir
from bnregress.reading.tables import Table
from bnregress.resources import RESOURCES

#: Where Keras itself keeps what it has downloaded, and where from.
KERAS = Path("~/.keras/models")
SOURCE = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
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
        if (md5 := _md5(path)) != told["md5"]:
            raise UsageError(
                f"{path} is not Keras' file of ImageNet weights: its MD5 is {md5}, not {told['md5']}."
                " Download it again, or take it away and Keras downloads it; other weights go through --weights FILE."
            )
        found[application] = str(path.absolute())
    return found


def resnet50_file(*, offline: bool) -> Path:
    """Return Keras' file of ResNet50's weights on this machine: from the cache, from Keras' own, or downloaded.

    Raises:
        UsageError: a file of that name is in the cache and is not Keras' own.
        FatalError: it cannot be had here and now.
    """
    if (found := local_files().get("ResNet50")) is not None:
        return Path(found)
    told: Mapping[str, str] = Table.read(TABLE, "ImageNet weights").entries["ResNet50"]
    keras = (KERAS / told["file"]).expanduser()
    if keras.is_file() and _md5(keras) == told["md5"]:
        return keras
    target = cache_dir() / "weights" / told["file"]
    remedy = f"Put Keras' file {told['file']} into {target.parent}, or give --learning-rate and --epochs."
    if offline:
        raise FatalError(f"The learning rate is found from ImageNet's weights, which are not on this machine. {remedy}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with aside(target.parent) as temporary:
            urllib.request.urlretrieve(SOURCE + told["file"], temporary)  # noqa: S310 - https, and its MD5 is known
            if _md5(temporary) != told["md5"]:
                raise FatalError(f"What was downloaded as {told['file']} is something else. {remedy}")
            temporary.replace(target)
    except (urllib.error.URLError, OSError) as error:
        raise FatalError(f"ImageNet's weights could not be downloaded: {error}. {remedy}") from error
    return target


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        digest = hashlib.md5(usedforsecurity=False)
        while block := stream.read(2**20):
            digest.update(block)
    return digest.hexdigest()
