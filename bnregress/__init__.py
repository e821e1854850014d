"""Finds the releases and the loading paths that break a frozen BatchNorm.

This file is also imported inside every release's environment, by CPython 3.7
and newer, so it holds the version and nothing else.
"""

__version__ = "0.1.0"
