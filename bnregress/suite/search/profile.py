"""How long the search looks, and where its examples come from."""

import json
import os
from dataclasses import dataclass
from typing import Optional

#: Set by the host, a JSON object of the attributes of `Profile`.
VARIABLE = "BNREGRESS_SEARCH"

CI, LOCAL, EXPLORE = "ci", "local", "explore"

#: Examples that no search of so many seconds comes to; time is what ends it.
EXAMPLES_A_SECOND = 200


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

    def settings(self, seconds, **more):
        """Settings of Hypothesis for a part of the search that may take so many seconds."""
        import hypothesis
        from hypothesis.database import DirectoryBasedExampleDatabase

        remembers = self.database is not None and self.name != CI
        return hypothesis.settings(
            max_examples=max(1, int(seconds * EXAMPLES_A_SECOND)),
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
