"""Values of the host as JSON and back, strictly: what has an unknown key or another type is refused, not guessed.

Files of the host may be cut off, edited, or of another version: `structure` says where they are not what it expects.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError

from bnregress.cells.identifiers import CellId

T = TypeVar("T")

CONVERTER = Converter(forbid_extra_keys=True)


def structure(value: Any, kind: type[T]) -> T:
    """Return the value that JSON stands for.

    Args:
        value: as `json.loads` gives it.
        kind: a frozen dataclass.

    Raises:
        ValueError: it is not one; says where and why.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{value!r:.100} is not an object")  # noqa: TRY004 - of all that is wrong with a file
    try:
        return CONVERTER.structure(value, kind)
    except BaseValidationError as error:
        raise ValueError("; ".join(transform_error(error, format_exception=_said))) from error


def unstructure(value: Any) -> dict[str, Any]:
    """Return the JSON object of a dataclass; `structure` gives an equal one back."""
    found: dict[str, Any] = CONVERTER.unstructure(value)
    return found


def _said(error: BaseException, _kind: type | None) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error)


def _origin(kind: Any) -> Any:
    return get_origin(kind)


def _exactly(*kinds: type) -> Callable[[Any, Any], Any]:
    def read(value: Any, _kind: Any) -> Any:
        # In JSON a whole number may stand for any, and True is none.
        if type(value) not in kinds:
            raise TypeError(f"{value!r:.100} is not a {kinds[0].__name__}")
        return value

    return read


def _several(kind: Any) -> Callable[[Any, Any], Any]:
    collect, inner = get_origin(kind), get_args(kind)[0]

    def read(value: Any, _kind: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise TypeError(f"{value!r:.100} is not a list")
        return collect(CONVERTER.structure(each, inner) for each in value)

    return read


for _kind in (str, bool, int):
    CONVERTER.register_structure_hook(_kind, _exactly(_kind))
CONVERTER.register_structure_hook(float, _exactly(float, int))
CONVERTER.register_structure_hook(Path, lambda value, _kind: Path(_exactly(str)(value, str)))
CONVERTER.register_structure_hook(CellId, lambda value, _kind: CellId.parse(_exactly(str)(value, str)))
CONVERTER.register_structure_hook_factory(lambda kind: _origin(kind) in (tuple, frozenset), _several)
CONVERTER.register_unstructure_hook(Path, str)
CONVERTER.register_unstructure_hook(CellId, str)
CONVERTER.register_unstructure_hook(tuple, lambda value: [CONVERTER.unstructure(each) for each in value])
CONVERTER.register_unstructure_hook_func(
    lambda kind: _origin(kind) is tuple, lambda value: [CONVERTER.unstructure(each) for each in value]
)
CONVERTER.register_unstructure_hook_func(lambda kind: _origin(kind) is frozenset, sorted)
