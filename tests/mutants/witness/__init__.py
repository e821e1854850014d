"""What a wide differential witness sees of a framework: figures, weights, flags and losses, by name.

A mutant counts if one of them differs by more than rounding from what the unmutated framework gives, or raises.
The witness knows nothing of bnregress: it is what a person's scripts do with models that have BatchNorm.
`parts` says what a part is and what differs, `models` has what is looked at; the others are the parts.
"""

from tests.mutants.witness import layers, saving, training
from tests.mutants.witness.parts import PARTS, differs, observations

__all__ = ["PARTS", "differs", "layers", "observations", "saving", "training"]
