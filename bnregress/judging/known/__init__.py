"""Known regressions: the file that lists them, how a run departs from it, and proposals to mend it."""
