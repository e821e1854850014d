from __future__ import annotations

import pytest

from bnregress.suite.failure import Failure
from bnregress.suite.wording import in_one_line

TENSORFLOW_IMPORT = """Traceback (most recent call last):
  File "pywrap_tensorflow.py", line 64, in <module>
    from _pywrap_tensorflow_internal import *
ImportError: libcudart.so.10.0: cannot open shared object file


Failed to load the native TensorFlow runtime.
"""

IN_USER_CODE = """in user code:

    File "keras/engine/training.py", line 1401, in train_function  *
        return step_function(self, iterator)

    ValueError: Exception encountered when calling layer 'bad' (type Bad).
    
    the number is odd
    
    Call arguments received by layer 'bad' (type Bad):
"""  # noqa: W293
IN_KERAS_3 = """Exception encountered when calling Bad.call().

\x1b[1mthe number is odd\x1b[0m

Arguments received by Bad.call():"""
IN_A_GRAPH = """Graph execution error:

Detected at node while/IteratorGetNext defined at (most recent call last):
  File "models.py", line 4, in <module>

  File "keras/src/engine/training.py", line 1383, in step_function

End of sequence
	 [[{{node while/IteratorGetNext}}]] [Op:__inference_train_function_719]"""  # noqa: E101


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "ValueError: one"),
        (ValueError(), "ValueError"),
        (ValueError("\n  indented only"), "ValueError: indented only"),
        (ValueError(IN_USER_CODE), "ValueError: the number is odd"),
        (ValueError(IN_KERAS_3), "ValueError: the number is odd"),
        (IndexError(IN_A_GRAPH), "IndexError: End of sequence"),
        (ImportError(TENSORFLOW_IMPORT), "ImportError: libcudart.so.10.0: cannot open shared object file"),
    ],
)
def test_an_exception_is_told_by_the_line_that_says_most(error: Exception, line: str) -> None:
    assert in_one_line(error) == line


def test_a_long_message_is_cut() -> None:
    assert len(in_one_line(ValueError("x" * 1000))) == 300


def test_memory_that_ran_out_beneath_another_error_is_still_oom() -> None:
    try:
        try:
            raise MemoryError
        except MemoryError as cause:
            raise ValueError("while copying") from cause
    except ValueError as error:
        failure = Failure.of(error, "building the path")
    assert failure.kind == "oom"
    assert failure.reason == "building the path raised ValueError: while copying"
