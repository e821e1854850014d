"""Finds the release to blame: between which two neighbours does the verdict on a cell change."""
