"""Words for people."""

REASON_CHARACTERS = 300

#: Why a check of single layers cannot be tested.
OPAQUE = "only functions and variables were loaded, so there are no layers to check"


def listed(names, most=3):
    """The first names and how many more there are: `a, b, c and 4 more`."""
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else "{} and {} more".format(shown, len(names) - most)


def in_one_line(error):
    """Return `Type: message`, with the line of the message that says most.

    TensorFlow's import errors carry a whole traceback as their message; its
    frames are indented, so the first line that is neither is the cause.
    """
    lines = [line.rstrip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith((" ", "Traceback (most recent call last)"))]
    name = type(error).__name__
    line = telling[0] if telling else "".join(lines).strip()
    if line.startswith(name + ":"):
        line = line[len(name) + 1 :].strip()
    text = "{}: {}".format(name, line) if line else name
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 3] + "..."
