"""`nox -s mutants`: one statement of the framework's own code is changed at a time; does the suite notice?

`operators` makes the mutants of a file's text, `targets` says of which functions, `witness` decides whether one changes
anything, `inside` runs all of it within a release's environment, `report` counts.
"""
