"""The words a verdict is made of, shared by the suite that decides and the host that reports."""

PASS = "pass"
REGRESS = "regress"
INCONCLUSIVE = "inconclusive"
ERROR = "error"
NOT_APPLICABLE = "not-applicable"
UNAVAILABLE = "unavailable"

#: Worst last: the status of a cell is the worst of its checks.
SEVERITY = (NOT_APPLICABLE, UNAVAILABLE, PASS, INCONCLUSIVE, ERROR, REGRESS)

CRASH = "crash"
TIMEOUT = "timeout"
OOM = "oom"
INFRA = "infra"

#: What kind of error a cell with the status `error` met.
ERROR_KINDS = (CRASH, TIMEOUT, OOM, INFRA)


def worst(statuses):
    """Return the gravest of the statuses, `not-applicable` if there is none."""
    return max(statuses, key=SEVERITY.index, default=NOT_APPLICABLE)
