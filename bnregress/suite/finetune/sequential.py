"""Decisions on paired predictions: Wald's sequential test, and exact binomial intervals.

Standard library only, because not every release's environment has SciPy.
"""

import math
from dataclasses import dataclass

#: Share of image pairs that a sound cell may predict differently in the two modes: rounding at a decision boundary.
SOUND_DISCORDANCE = 0.005
#: Share from which on a cell counts as broken.
BROKEN_DISCORDANCE = 0.2

SOUND, BROKEN, UNDECIDED = "sound", "broken", "undecided"


@dataclass(frozen=True)
class Decision:
    """What a sequential test came to.

    Attributes:
        outcome: `sound`, `broken` or `undecided`.
        pairs: how many pairs it took; all of them if it is undecided.
        discordant: how many of these differ.
        log_likelihood_ratio: of broken against sound, at the end.
    """

    outcome: str
    pairs: int
    discordant: int
    log_likelihood_ratio: float


def decide(discordances, alpha, beta, sound=SOUND_DISCORDANCE, broken=BROKEN_DISCORDANCE):
    """Sequential probability ratio test on pairs that agree or not (Wald 1945, section 3).

    Args:
        discordances: truth values, one for each pair, in the order of testing.
        alpha: highest probability to call a cell broken whose rate is `sound`.
        beta: highest probability to call a cell sound whose rate is `broken`.
        sound: rate of discordant pairs of a sound cell.
        broken: rate of a broken one, above `sound`.

    Returns:
        `Decision`.
    """
    upper, lower = math.log((1 - beta) / alpha), math.log(beta / (1 - alpha))
    differs, agrees = math.log(broken / sound), math.log((1 - broken) / (1 - sound))
    ratio, count, found = 0.0, 0, 0
    for count, differ in enumerate(discordances, start=1):
        found += bool(differ)
        ratio += differs if differ else agrees
        if ratio >= upper:
            return Decision(BROKEN, count, found, ratio)
        if ratio <= lower:
            return Decision(SOUND, count, found, ratio)
    return Decision(UNDECIDED, count, found, ratio)


def interval(successes, trials, confidence=0.95):
    """Exact two-sided interval of a binomial proportion (Clopper & Pearson 1934).

    Returns:
        (low, high), each accurate to 1e-9; (0.0, 1.0) if there was no trial.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _root(lambda p: _at_least(successes, trials, p) - tail)
    high = 1.0 if successes == trials else _root(lambda p: tail - _at_most(successes, trials, p))
    return low, high


def _root(increasing):
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if increasing(middle) < 0 else (low, middle)
    return (low + high) / 2


def _at_least(successes, trials, p):
    return sum(_probability(k, trials, p) for k in range(successes, trials + 1))


def _at_most(successes, trials, p):
    return sum(_probability(k, trials, p) for k in range(successes + 1))


def _probability(k, n, p):
    if p <= 0 or p >= 1:
        return float(k == (0 if p <= 0 else n))
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p))
