"""For your own tests: `from bnregress.testing import assert_frozen_batchnorm`.

Needs TensorFlow and numpy beside bnregress; with pytest, the fixture
`frozen_batchnorm` is the same function.
"""

from __future__ import annotations

from bnregress.suite.assertion import assert_frozen_batchnorm

__all__ = ["assert_frozen_batchnorm"]
