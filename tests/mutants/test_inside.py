"""Live code that is exchanged, and the witness's eyes."""

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.mutants import inside, patching, witness
from tests.mutants.operators import mutants_of

SOURCE = """
class Base:
    def size(self):
        return 1


class Layer(Base):
    def size(self):
        def more():
            return 2
        return super().size() + more()
"""

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="code objects have no qualified name")


@pytest.fixture
def module(tmp_path: Path) -> Any:
    file = tmp_path / "layer.py"
    file.write_text(SOURCE, encoding="utf-8")
    made = ModuleType("layer")
    exec(compile(SOURCE, str(file), "exec"), made.__dict__)  # noqa: S102 - the source is above
    made.__file__ = str(file)
    return made


def test_a_method_that_was_made_before_is_mutated(module: Any) -> None:
    layer, method = module.Layer(), module.Layer.size
    gc.freeze()
    mutant = next(each for each in mutants_of(SOURCE.encode()) if each.operator == "other-constant" and each.line == 10)
    patching.apply(  # type: ignore[no-untyped-call]
        module.__file__, mutant.applied(SOURCE.encode()), mutant.function
    )
    assert (layer.size(), method(layer)) == (4, 4)


def test_a_mutant_that_fits_no_function_is_refused(module: Any) -> None:
    with pytest.raises(patching.CannotApplyError):
        patching.apply(module.__file__, SOURCE.encode(), "Layer.other")  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("found", "expected", "differs"),
    [
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-6]), False),
        (np.array([1.0, 2.0]), np.array([1.0, 2.001]), True),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), False),
        (np.array([1.0, np.nan]), np.array([1.0, 2.0]), True),
        (np.ones(2), np.ones(3), True),
        ([("loss", [1.0])], [("loss", [1.0])], False),
        ([True, False], [True, True], True),
        (None, np.ones(2), True),
    ],
)
def test_only_what_exceeds_rounding_differs(found: object, expected: object, *, differs: bool) -> None:
    assert witness.differs(found, expected) is differs  # type: ignore[no-untyped-call]


def test_a_process_that_hangs_is_ended() -> None:
    def work(say: Callable[[object], None]) -> None:
        say(1)
        time.sleep(60)

    said = inside.forked(work, 0.5)  # type: ignore[no-untyped-call]
    assert next(said) == 1
    with pytest.raises(inside.Hung):
        next(said)


def test_a_process_that_dies_has_not_answered() -> None:
    def work(say: Callable[[object], None]) -> None:
        sys.exit(3)

    with pytest.raises(EOFError):
        list(inside.forked(work, 5))  # type: ignore[no-untyped-call]
