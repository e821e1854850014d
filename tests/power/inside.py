"""What happens inside a release's environment: `python -m tests.power.inside REQUEST ANSWERS`.

REQUEST is a JSON file, {"trials": [{"fault": name or null, "network":, "seed":}, ...]}; each trial runs the ordinary
suite on its paths, with the fault planted, and adds a line of JSON to ANSWERS.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import contextlib
import json
import sys
import tempfile
import types
from pathlib import Path

from bnregress.suite import gpu, probes, seeded, surrogate
from bnregress.suite.cells import Cell
from bnregress.suite.engines import load_engine
from bnregress.suite.framework import Framework
from bnregress.suite.loader import FrameworkLoader
from bnregress.suite.record_files import RecordPaths
from bnregress.suite.registry import PATHS, PROPERTIES, checks_of
from bnregress.suite.work import Work
from tests.faults import FAULTS
from tests.faults.keras import Keras
from tests.faults.operations import Absent
from tests.faults.registry import DIRECT, LOADS, USAGE, VARIED
from tests.power.network import choose


def main(request, answers):
    """Run all trials of a request in this one process."""
    trials = json.loads(Path(request).read_text(encoding="utf-8"))["trials"]
    # Of all that a trial may run, `replicas` needs most; to the rest it is nothing.
    framework = gpu.load(_import, 2) if gpu.wanted() else _import()
    planted = [FAULTS[trial["fault"]] for trial in trials if trial["fault"] is not None]
    with open(answers, "w", encoding="utf-8") as stream:
        for trial in trials:
            for path in _paths(trial, planted or list(FAULTS.values())):
                record = run_cell(framework, path, **trial)
                stream.write(json.dumps(dict(trial, path=path, record=record)) + "\n")
                stream.flush()


def _import():
    engine = load_engine("default")
    if not gpu.wanted():
        engine.split(2)
    return Framework(engine)


def _paths(trial, planted):
    if trial["fault"] is not None:
        return FAULTS[trial["fault"]].observed
    # Which paths are sound in a release, the small network tells; a path on ResNet50 costs seconds.
    if trial["network"] != "small":
        return (DIRECT,)
    observed = dict.fromkeys(path for fault in planted for path in fault.observed)
    varied = [path for path in observed if "@" in path]
    usage = [path for path in USAGE if path in observed]
    # Every variant on the usual images, another one on each of the others.
    turn = trial["seed"] % len(varied) if varied else 0
    return (DIRECT, *LOADS, VARIED, *((*varied, *usage) if trial["seed"] == 0 else varied[turn : turn + 1]))


def run_cell(framework, path, fault, network, seed):
    """Decide one cell with the ordinary suite; return its record as it would be written."""
    choose(network)
    keras = Keras(framework.engine)
    loader = FrameworkLoader()
    # Nothing that another cell found sound may count once a fault is planted.
    loader.framework = Framework(framework.engine)
    loader.framework.device = framework.device
    with tempfile.TemporaryDirectory() as folder, _seeded(seed, weights=network == "small"):
        records = RecordPaths(Path(folder))
        work = Work(Cell(*path.split("@")), loader, records)
        try:
            if fault is not None:
                with contextlib.suppress(Absent):
                    FAULTS[fault].plant(keras)
            work.claim()
            for check in checks_of(PROPERTIES, PATHS[path.partition("@")[0]]).values():
                work.decide(check)
        finally:
            keras.restore()
        absent = [] if keras.engine.key == "tensorflow" else keras.tf.absent
        if absent:
            return _not_planted(keras.engine, absent[0])
        return json.loads(records.record(path).read_text(encoding="utf-8"))


def _not_planted(engine, name):
    """The record of a cell whose fault is made of something that the engine does not have."""
    reason = f"the fault cannot be planted: Keras on {engine.title} has nothing like tf.{name}"
    return {"status": "not-applicable", "reason": reason, "checks": [], "seconds": {}}


@contextlib.contextmanager
def _seeded(seed, weights):
    """Draw other images and labels, and other weights unless the statistics were computed for the usual ones."""
    if seed == 0:
        yield
        return
    other = types.SimpleNamespace(uniform=lambda name, shape: seeded.uniform(f"seed {seed}/{name}", shape))
    modules = [probes, surrogate] if weights else [probes]
    for module in modules:
        module.seeded = other
    features_of, surrogate.features_of = surrogate.features_of, lambda names: None
    try:
        yield
    finally:
        surrogate.features_of = features_of
        for module in modules:
            module.seeded = seeded


if __name__ == "__main__":
    main(*sys.argv[1:])
