"""The check that searches."""

import time

from bnregress.suite.finding import Finding, inconclusive, not_applicable, passed
from bnregress.suite.registry import Check
from bnregress.suite.search.machine import search_operations, search_short_sequences
from bnregress.suite.search.outcome import evidence
from bnregress.suite.search.profile import given_profile
from bnregress.suite.search.scripts import CONFIRMATIONS, confirmed
from bnregress.suite.search.single_layers import search_layers, search_precisions
from bnregress.suite.status import REGRESS

#: Parts of the search, each with its share of the time; what an earlier one finds is told first.
PARTS = (
    ("layers", search_layers, 0.4),
    ("operations", search_operations, 0.6),
    ("flags", search_short_sequences, 0.0),
    ("precisions", search_precisions, 0.0),
)


def search(subject):
    """No example of the search breaks what the documentation says of a frozen BatchNorm.

    Single layers in all shapes, options, precisions and extreme values must
    hold metamorphic relations and the formula; sequences of operations on a
    tiny network must do what is documented of each. A failure counts where its
    script shows it three times out of three.
    Source: those of the other checks; the documentation of `trainable`,
    `compile`, `load_model` and `clone_model`.
    Tolerance: some units of the precision, see `normalisation.bound`.
    """
    if not subject.execution.eager:
        return not_applicable("the search runs in eager mode only")
    tf = subject.framework.tf
    profile, outcomes, began = given_profile(), {}, time.monotonic()
    for name, look, share in PARTS:
        outcomes[name] = look(tf, profile, share * profile.seconds)
    found = [outcome.failure for outcome in outcomes.values() if outcome.failure is not None]
    shown = [(failure, confirmed(failure.script)) for failure in found]
    figures = {
        "examples": sum(outcome.examples for outcome in outcomes.values()),
        "failures": sum(times == CONFIRMATIONS for _, times in shown),
        "profile": profile.name,
        "seed": profile.seed,
        "seconds": time.monotonic() - began,
        "parts": evidence(outcomes),
    }
    counted = "search: {examples} examples, {failures} failures".format(**figures)
    certain = [failure for failure, times in shown if times == CONFIRMATIONS]
    if certain:
        # All of them, so that one that is known hides no other.
        told = "; ".join(failure.reason for failure in certain)
        return Finding(REGRESS, "{}: {}".format(counted, told), figures, certain[0].script)
    for failure, times in shown:
        said = "{}; one was not shown again ({} of {} times): {}"
        return inconclusive(said.format(counted, times, CONFIRMATIONS, failure.reason), **figures)
    given_up = [name for name, outcome in outcomes.items() if outcome.given_up]
    if given_up:
        return inconclusive("{}; time was over before the examples were: {}".format(counted, given_up[0]), **figures)
    idle = [name for name, _, share in PARTS if share and not outcomes[name].examples]
    if idle:
        return inconclusive("{}; nothing was run of: {}".format(counted, ", ".join(idle)), **figures)
    return passed(counted, **figures)


SEARCH = Check(name="search", statement=" ".join((search.__doc__ or "").split("\n\n")[0].split()), decide=search)
