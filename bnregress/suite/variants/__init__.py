"""Variants: the ways of freezing, wrapping and training around a loading path, as data.

Four axes, a module each; a value is one small declaration there. A variant's
name is `axis=value`, several joined by commas in the order of the axes, default
values left out: `freeze=model,wrap=functional`; all defaults are `default`.
Nothing here imports the framework at its top, so the host reads it too.
"""

from bnregress.suite.variants.axes import AXES, DEFAULT, Variant, cell_name, parse
from bnregress.suite.variants.offered import default_names, names

__all__ = ["AXES", "DEFAULT", "Variant", "cell_name", "default_names", "names", "parse"]
