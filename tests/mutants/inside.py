"""What happens within a release's environment: `python -m tests.mutants.inside REQUEST ANSWERS`.

REQUEST is a JSON file. `{"reach": [files], "reference": FILE}` asks what each part of the witness sees without a mutant
and which lines of these files it runs; `{"mutants": [...], "known": {...}, "reference": FILE}` asks which mutants it
and the cells notice. A part that never runs a line cannot notice a change of it, so only those that do are run. The
framework is imported once, and each question is answered in a forked process, so that nothing outlives it and a hang
ends by a limit. ANSWERS gets a line of JSON for each mutant as it is decided. CPython 3.11 or newer.
"""

# Untyped like the suite.
# mypy: ignore-errors

import gc
import importlib.util
import json
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import traceback
from multiprocessing import Pipe
from pathlib import Path

from tests.mutants import patching, witness

#: Seconds for the witness, and for one cell, after which it counts as hung.
PATIENCE, CELL_PATIENCE = 240, 300
#: Statuses of a cell that is neither green nor red.
OPEN = ("error", "inconclusive")
EQUIVALENT, DIFFERS, RAISES, HANGS, DIES = "equivalent", "differs", "raises", "hangs", "dies"


class Hung(Exception):
    """A forked process was ended, because it said nothing for too long."""


def forked(work, patience):
    """Run `work(say)` in a forked process, and yield what it says, as it says it.

    Args:
        work: takes a function that gives one picklable value to this process.
        patience: seconds between two values.

    Raises:
        Hung: see there.
        EOFError: it ended without saying that it is done.
    """
    here, there = Pipe()
    process = os.fork()
    if process == 0:
        _child(work, here, there)
    there.close()
    try:
        while True:
            if not here.poll(patience):
                raise Hung
            value = here.recv()
            if value is None:
                return
            yield value
    finally:
        here.close()
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _child(work, here, there):
    here.close()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        work(there.send)
        there.send(None)
    finally:
        os._exit(0)


def observed(parts, expected=None, say=None):
    """All observations of this process by name, or, if they are told, the first that departs from what is expected.

    Args:
        parts: names of parts of the witness.
        expected: observations by name, of an unmutated process.
        say: takes whatever shows that this process is alive.
    """
    import tensorflow as tf

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, value in witness.observations(tf, folder, parts):
                found[name] = value
                if say is not None:
                    say(("alive", name))
                if expected is not None and name in expected and witness.differs(value, expected[name]):
                    return DIFFERS, name
        except Exception as error:
            if expected is None:
                raise
            return RAISES, f"{type(error).__name__}: {error} after {list(found)[-1:]}"[:400]
    return found if expected is None else (EQUIVALENT, None)


class Lines:
    """Which lines of some files run, while `watching`."""

    def __init__(self, files):
        self._root = source_root()
        self._wanted = {str(self._root / file) for file in files}
        self._seen = {}

    def watching(self, work):
        """Return what `work()` returns."""

        def within(frame, event, argument):
            self._seen[frame.f_code.co_filename].add(frame.f_lineno)
            return within

        def called(frame, event, argument):
            return within(frame, event, argument) if frame.f_code.co_filename in self._wanted else None

        threading.settrace(called)
        sys.settrace(called)
        try:
            return work()
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def taken(self):
        """Sorted lines by file within `keras/src`, since this was called last."""
        found = {str(Path(name).relative_to(self._root)): sorted(lines) for name, lines in self._seen.items() if lines}
        self._seen = {name: set() for name in self._wanted}
        return found


def reach(files):
    """What two processes without a mutant agree on, by name, and the lines that each part of the witness runs."""

    def plain(say):
        _told(say, lambda: say(("found", observed(list(witness.PARTS), say=say))))

    def traced(say):
        lines = Lines(files)

        def look():
            for name in witness.PARTS:
                lines.taken()
                found = lines.watching(lambda name=name: observed([name], say=say))
                say(("part", (name, lines.taken(), found)))

        _told(say, look)

    once, again, parts = {}, {}, {}
    for work in (plain, traced):
        for kind, value in forked(work, PATIENCE):
            if kind == "failed":
                raise SystemExit("The witness fails on the unmutated framework:\n" + value)
            if kind == "found":
                once = value
            elif kind == "part":
                parts[value[0]] = value[1]
                again.update(value[2])
    stable = {name: value for name, value in once.items() if not witness.differs(again[name], value)}
    if dropped := sorted(set(once) - set(stable)):
        sys.stderr.write("not the same in two runs, and left out: {}\n".format(", ".join(dropped)))
    return stable, parts


def _told(say, work):
    try:
        work()
    except Exception:  # noqa: BLE001 - whatever it is, it is shown
        say(("failed", traceback.format_exc()))


def source_root():
    """The folder `keras/src` of this environment."""
    return Path(importlib.util.find_spec("keras").origin).parent / "src"


def judge_witness(row, expected):
    """What the witness says of a mutant: a word and, unless it is equivalent, what it saw."""

    def work(say):
        try:
            _mutate(row)
        except patching.CannotApplyError as error:
            say(("answer", ("cannot apply", str(error))))
            return
        say(("answer", observed(row["parts"], expected, say)))

    try:
        for kind, value in forked(work, PATIENCE):
            if kind == "answer":
                return value
    except Hung:
        return HANGS, f"nothing for {PATIENCE} s"
    except EOFError:
        pass
    return DIES, "the process ended"


def _mutate(row):
    file = source_root() / row["file"]
    source = file.read_bytes()
    mutated = source[: row["start"]] + row["text"].encode() + source[row["end"] :]
    patching.apply(str(file), mutated, row["function"])


def run_cells(row, known):
    """Decide a mutant's cells in order until one regresses that does not by itself; a row for each.

    Args:
        row: the mutant, with its `cells`, each `PATH` or `PATH@VARIANT`.
        known: the names of the checks that regress by themselves, by cell; a cell that is not named passes.
    """
    rows, left = [], list(row["cells"])
    while left:
        try:
            for value in forked(lambda say: _cells(say, row, left, known), CELL_PATIENCE):
                rows.append(value)
                left.remove(value["cell"])
                if value["killed"]:
                    return rows
            return rows
        except (Hung, EOFError) as end:
            how = "timeout" if isinstance(end, Hung) else "crash"
            lost = {"status": "error", "by": [], "killed": False, "reason": how, "seconds": 0.0}
            rows.append(dict(lost, cell=left.pop(0)))
    return rows


def _cells(say, row, cells, known):
    from bnregress.suite.loader import FrameworkLoader

    _mutate(row)
    loader = FrameworkLoader()
    for name in cells:
        began = time.process_time()
        record = _record(name, loader)
        by = [each["name"] for each in record["checks"] if each["status"] == "regress"]
        new = set(by) - set(known.get(name, ()))
        say({
            "cell": name, "status": record["status"], "by": by, "killed": bool(new), "reason": record["reason"][:300],
            "seconds": round(time.process_time() - began, 2),
        })  # fmt: skip
        if new:
            return


def _record(name, loader):
    from bnregress.suite.cells import Cell
    from bnregress.suite.registry import PATHS, PROPERTIES, checks_of
    from bnregress.suite.work import Work

    cell = Cell(*name.split("@"))
    loader.load(cell.setup)
    work = Work(cell, loader)
    for check in checks_of(PROPERTIES, PATHS[cell.path]).values():
        work.decide(check)
    return work.record


def decide(row, expected, known):
    """Everything about one mutant, as a row of the answers."""
    began = time.time()
    word, seen = judge_witness(row, expected)
    answer = {"id": row["id"], "witness": word, "seen": seen, "witness_seconds": round(time.time() - began, 1)}
    if word in (EQUIVALENT, "cannot apply"):
        return dict(answer, verdict=word)
    rows = run_cells(row, known)
    killed = next((each for each in rows if each["killed"]), None)
    undecided = [each for each in rows if each["status"] in OPEN]
    verdict = "killed" if killed else "undecided" if undecided else "survived"
    return dict(
        answer, verdict=verdict, cell=killed and killed["cell"], checks=killed and killed["by"],
        reason=killed and killed["reason"], undecided=[each["cell"] for each in undecided[:8]], cells=len(rows),
        undecided_reason=undecided[0]["reason"] if undecided else None,
        cell_seconds=round(sum(each["seconds"] for each in rows), 1),
    )  # fmt: skip


def main(request, answers):
    """Answer a request, see the module."""
    asked = json.loads(Path(request).read_text(encoding="utf-8"))
    import tensorflow as tf

    # Both are imported lazily.
    assert tf.keras.layers
    assert tf.keras.applications
    __import__("keras")
    gc.collect()
    gc.freeze()
    if "reach" in asked:
        found, parts = reach(asked["reach"])
        Path(asked["reference"]).write_bytes(pickle.dumps(found))
        Path(answers).write_text(json.dumps(parts), encoding="utf-8")
        return
    expected = pickle.loads(Path(asked["reference"]).read_bytes())  # noqa: S301 - written above
    with open(answers, "a", encoding="utf-8") as stream:
        for row in asked["mutants"]:
            stream.write(json.dumps(decide(row, expected, asked["known"])) + "\n")
            stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
