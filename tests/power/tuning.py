"""What happens inside a release's environment: `python -m tests.power.tuning REQUEST ANSWERS`.

REQUEST is a JSON file, {"path":, "trials": [values of a fine-tune's request, ...]}; each trial fine-tunes once and adds
a line of JSON to ANSWERS.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import json
import sys
from pathlib import Path

import bnregress.suite.checks  # noqa: F401 - they register
from bnregress.suite.framework import load_framework
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import FINETUNE_CHECKS
from bnregress.suite.subject import build_subject


def main(request, answers):
    """Run all trials of a request in this one process."""
    asked = json.loads(Path(request).read_text(encoding="utf-8"))
    framework = load_framework()
    # A fine-tune leaves its network as it was, and a network that is traced once is not traced again for each seed.
    subject = build_subject(framework, PATHS[asked["path"]], "default")
    with open(answers, "w", encoding="utf-8") as stream:
        for trial in asked["trials"]:
            subject.finetune = trial
            finding = FINETUNE_CHECKS["accuracy-parity"].decide(subject)
            answer = {"status": finding.status, "reason": finding.reason, "evidence": finding.evidence}
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
