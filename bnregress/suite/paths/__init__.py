"""Loading paths, a small file each or a few lines with `@loading_path`.

A path's function takes a `bnregress.suite.framework.Framework`; where its
second parameter is `source`, it also gets a sound frozen network of that
release to save, rebuild or copy. It returns the network to be checked, or
raises `NotApplicable` if the release has no such path.
"""

import sys

from bnregress.suite.registry import PATHS, import_modules

__all__ = ["PATHS", "environment_of"]

import_modules(sys.modules[__name__])


def environment_of(id):
    """(name, value) of each variable that must be set before TensorFlow is imported for the path; none if unknown."""
    path = PATHS.get(id.partition("=")[0])
    return () if path is None else path.environment


def packages_of(id):
    """Modules without which the path cannot be tested; none if unknown."""
    path = PATHS.get(id.partition("=")[0])
    return () if path is None else path.packages
