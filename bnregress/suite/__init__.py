"""The suite: runs inside a release's own environment and decides its cells.

It imports the standard library, numpy, pytest, hypothesis and the framework, on
CPython 3.7 to 3.13, and knows nothing of plans, reports or gates.
"""
