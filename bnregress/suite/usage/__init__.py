"""Frozen and un-frozen networks as people use them, beyond what a loading path varies: one cell each for a release.

The cells of loading paths vary how a network is frozen, wrapped and trained; here it is what `compile` and `fit` can
be told, each entry point, batches and epochs (`training`), and the shapes and options of a layer (`layers`).
"""
