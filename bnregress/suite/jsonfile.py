"""Strict JSON files that a reader never sees half-written."""

import json
import math
import os
import uuid
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Turn a value into what strict JSON holds.

    numpy scalars, arrays and tensors become numbers and lists; a number that is
    not finite becomes "nan", "inf" or "-inf"; anything unknown becomes its text.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # A lone surrogate is no UTF-8, and one of them must not cost the record.
        return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return _from_array(value)


def write_json(path: Path, data: Any) -> None:
    """Write `data` to a temporary name beside `path` and rename it into place."""
    temporary = _written_aside(path, data)
    os.replace(str(temporary), str(path))


def create_json(path: Path, data: Any) -> bool:
    """Write `data` to `path` unless it exists, whole or not at all; of several processes one succeeds.

    Returns:
        Whether this call made the file.
    """
    temporary = _written_aside(path, data)
    try:
        os.link(str(temporary), str(path))
    except FileExistsError:
        return False
    except (OSError, NotImplementedError, AttributeError):
        return _create_without_links(path, temporary)
    finally:
        if temporary.exists():
            temporary.unlink()
    return True


def _from_array(value: Any) -> Any:
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        listed = value.tolist()
        # The extension types (bfloat16) list themselves as themselves.
        return plain(listed if type(listed) is not type(value) else float(value))
    return plain(str(value))


def _written_aside(path: Path, data: Any) -> Path:
    temporary = path.with_name(".{}.{}.tmp".format(path.name, uuid.uuid4().hex))
    text = json.dumps(plain(data), allow_nan=False, ensure_ascii=False)
    temporary.write_text(text + "\n", encoding="utf-8")
    return temporary


def _create_without_links(path: Path, temporary: Path) -> bool:
    try:
        os.close(os.open(str(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    os.replace(str(temporary), str(path))
    return True
