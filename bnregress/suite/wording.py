"""Words for people."""


def listed(names, most=3):
    """The first names and how many more there are: `a, b, c and 4 more`."""
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else "{} and {} more".format(shown, len(names) - most)
