"""What stands in the way of an answer."""


class Problem(Exception):
    """The question cannot be answered; the message says what happened, why, and what to do.

    Attributes:
        kind: `usage` where what was given is wrong, `undecided` where the answer is out of reach.
        detail: the end of a traceback, or None.
    """

    def __init__(self, message, *, kind="usage", detail=None):
        super().__init__(message)
        self.kind = kind
        self.detail = detail
