"""Words for people."""

import re

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
    frames are indented, so the first line that is neither is the cause. Keras and
    AutoGraph put a heading and their own frames before what was raised within.
    """
    text = _COLOUR.sub("", str(error))
    lines = [line.rstrip() for line in text.splitlines()]
    telling = _below_headings(lines) or [
        line for line in lines if line and not line.startswith((" ", "Traceback (most recent call last)"))
    ]
    name = type(error).__name__
    line = telling[0] if telling else "".join(lines).strip()
    if line.startswith(name + ":"):
        line = line[len(name) + 1 :].strip()
    text = "{}: {}".format(name, line) if line else name
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 3] + "..."


#: What Keras, AutoGraph and TensorFlow begin a message with.
_HEADING = re.compile(
    r"(\w+: )?(in user code:|Exception encountered when calling |Graph execution error:|Detected at node )"
)
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def _below_headings(lines):
    """The lines of a message that are neither headings nor frames; none of a message that has no heading."""
    told, in_frame = [], False
    bare = [line.strip() for line in lines]
    for line in bare if _HEADING.match("".join(bare)) else []:
        if line and not (in_frame or _HEADING.match(line) or line.startswith('File "')):
            told.append(line)
        # The line of code, if there is one, comes right below the place.
        in_frame = line.startswith('File "')
    return told
