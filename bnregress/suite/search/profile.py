"""How long the search looks, and where its examples come from."""

import json
import os
from dataclasses import dataclass
from typing import Optional

#: Set by the host, a JSON object of the attributes of `Profile`.
VARIABLE = "BNREGRESS_SEARCH"

CI, LOCAL, EXPLORE = "ci", "local", "explore"

#: A second asked for is so many examples, as a quiet machine runs in one: of single layers, and of sequences of
#: operations. So each machine runs the same ones.
LAYERS_A_SECOND, SEQUENCES_A_SECOND = 40, 2
#: Times the seconds asked for after which a search is given up, undecided.
PATIENCE = 20
#: Examples that an exploration of so many seconds does not reach: of that, time is the end.
UNREACHED = 200


@dataclass(frozen=True)
class Profile:
    """One way of searching.

    Attributes:
        name: `ci` takes the same examples each time, `local` those of a seed, `explore` looks long and remembers.
        seconds: of the whole search.
        seed: of the examples; of no meaning for `ci`.
        database: folder that failing examples are kept in, or None.
    """

    name: str = CI
    seconds: float = 20.0
    seed: int = 0
    database: Optional[str] = None

    @property
    def counted(self):
        """Whether the search ends after a number of examples; else it ends in time."""
        return self.name != EXPLORE

    def limit(self, seconds):
        """Seconds that a part of the search may take which was given so many."""
        return seconds * PATIENCE if self.counted else seconds

    def settings(self, seconds, rate, **more):
        """Settings of Hypothesis for a part of the search that may take so many seconds."""
        import hypothesis
        from hypothesis.database import DirectoryBasedExampleDatabase

        remembers = self.database is not None and self.name != CI
        return hypothesis.settings(
            max_examples=max(1, int(seconds * (rate if self.counted else UNREACHED))),
            deadline=None,
            derandomize=self.name == CI,
            database=DirectoryBasedExampleDatabase(self.database) if remembers else None,
            print_blob=False,
            report_multiple_bugs=False,
            # What explains a failure traces every line, which takes TensorFlow minutes an example.
            phases=[phase for phase in hypothesis.Phase if phase.name != "explain"],
            suppress_health_check=list(hypothesis.HealthCheck),
            **more,
        )


def given_profile():
    """The profile that the host asks for; that of `ci` where it asks for none."""
    return Profile(**json.loads(os.environ.get(VARIABLE, "{}")))
