"""One cell being decided: its subject, its findings, its record."""

import os
import time
from dataclasses import replace

from bnregress.suite import crossing, gpu, repro, status
from bnregress.suite.checks import CHECKS
from bnregress.suite.failure import ENDING, Failure
from bnregress.suite.finding import Finding, NotApplicable, inconclusive
from bnregress.suite.jsonfile import create_json, write_json
from bnregress.suite.own_process import peak_rss_bytes, process_group
from bnregress.suite.registry import PROPERTIES, checks_of

#: What a check may say; errors are raised.
DECIDABLE = (status.PASS, status.REGRESS, status.INCONCLUSIVE, status.NOT_APPLICABLE)


#: Checks that every network is put to: a cell in which one of them did not run has not passed.
ESSENTIAL = ("mode-parity", "batch-independence", "fit-eval-parity", "frozen-state")


class Work:
    """A cell in the hands of this process.

    Args:
        cell: `bnregress.suite.cells.Cell`.
        loader: `bnregress.suite.loader.FrameworkLoader` that has loaded.
        records: `RecordPaths` to write to; None writes nothing.
        asked: `bnregress.suite.cells.Asked`; None asks for the properties.

    Attributes:
        record: what was decided, JSON values; None until the last check is.
    """

    def __init__(self, cell, loader, records=None, asked=None):
        self.cell = cell
        plain = self._path.own is None and (asked is None or asked.suite == PROPERTIES)
        self._checks = CHECKS if plain else checks_of(asked.suite if asked else PROPERTIES, self._path)
        self._finetune = asked and asked.finetune
        self._loader = loader
        self._records = records
        self._subject = None
        self._findings = {}
        self._failures = {}
        self._cell_failure = None
        self._no_gpu = None
        self._check_seconds = {}
        self._seconds = {"build": 0.0, "checks": 0.0}
        self._since = time.time()
        self.record = None

    def claim(self):
        """Leave the started file, and return whether no process was here before."""
        return self._records is None or create_json(self._records.started(self.cell.subject), self._progress(None))

    def decide(self, check):
        """Return the `Finding` of one check; the last check of the cell also writes the record."""
        if check.name not in self._findings:
            if self._subject is None:
                self._build()
            if check.name not in self._findings:
                self._ask(check)
            if len(self._findings) == len(self._checks):
                self._finish()
        return self._findings[check.name]

    def drop(self):
        """Give the subject's memory back."""
        if self._subject is not None:
            self._subject.release()
        self._subject = None

    def _build(self):
        started = time.perf_counter()
        if self._loader.failure is not None:
            self._cell_failure = self._loader.failure
        elif self._loader.no_gpu is not None:
            self._no_gpu = self._loader.no_gpu
        else:
            try:
                from bnregress.suite.subject import build_subject

                if self._path.save is not None and "=" not in self.cell.path:
                    self._settle(crossing.save(self._loader.framework, self._path, self.cell.fixture))
                else:
                    more = {} if self.cell.fixture is None else {"fixture": self.cell.fixture}
                    self._subject = build_subject(self._loader.framework, self._path, self.cell.variant, **more)
                if gpu.wanted() and self._subject is not None:
                    self._no_gpu = gpu.missed_by(self._subject)
                if self._finetune is not None and self._subject is not None:
                    self._subject.finetune = self._finetune
            except ENDING:
                raise
            except NotApplicable as absent:
                self._settle(absent.finding)
            except BaseException as error:
                self._cell_failure = Failure.of(error, "building the path")
        self._seconds["build"] += time.perf_counter() - started
        if self._cell_failure is not None:
            self._settle(self._cell_failure.finding)
        if self._no_gpu is not None:
            self._settle(Finding(status.UNAVAILABLE, self._no_gpu.reason))

    @property
    def _path(self):
        return crossing.path_of(self.cell.path)

    def _settle(self, finding):
        for name in self._checks:
            self._findings.setdefault(name, finding)

    def _ask(self, check):
        if self._records is not None:
            write_json(self._records.started(self.cell.subject), self._progress(check.name))
        started = time.perf_counter()
        try:
            finding = _finding(check, self._subject)
            if finding.status == status.REGRESS and finding.repro is None:
                script = repro.script(self._loader.framework, self._path, check, self.cell.variant)
                finding = replace(finding, repro=script)
        except ENDING:
            raise
        except BaseException as error:
            self._failures[check.name] = Failure.of(error, "the check {}".format(check.name))
            finding = self._failures[check.name].finding
        spent = time.perf_counter() - started
        self._check_seconds[check.name] = spent
        self._seconds["checks"] += spent
        self._findings[check.name] = finding

    def _finish(self):
        self.record = self._record()
        if self._records is not None:
            write_json(self._records.record(self.cell.subject), self.record)
        self.drop()
        # Items still to come need the findings, not the figures.
        self._findings = {name: replace(finding, evidence={}, repro=None) for name, finding in self._findings.items()}

    def _progress(self, check_name):
        return {"pid": os.getpid(), "pgid": process_group(), "time": self._since, "check": check_name}

    def _record(self):
        self._demand_essential()
        worst = status.worst(finding.status for finding in self._findings.values())
        first = next(name for name in self._checks if self._findings[name].status == worst)
        failure = self._cell_failure or self._failures.get(first)
        return {
            "path": self.cell.path,
            "variant": self.cell.variant,
            "status": worst,
            "kind": failure.kind if worst == status.ERROR and failure is not None else None,
            "reason": self._findings[first].reason,
            "remedy": None if self._no_gpu is None else self._no_gpu.remedy,
            "traceback": None if self._cell_failure is None else self._cell_failure.traceback,
            "checks": [] if self._cell_failure or self._no_gpu else [self._entry(name) for name in self._checks],
            "seconds": self._seconds,
            "peak_rss_bytes": peak_rss_bytes(),
        }

    def _demand_essential(self):
        """A check that must run on every network and did not leaves the cell open, unless something regresses.

        So does one for which the network had to be wrapped in another way than the cell's.
        """
        if status.worst(finding.status for finding in self._findings.values()) != status.PASS:
            return
        rewrapped = getattr(self._subject, "rewrapped", None)
        if rewrapped is not None and "frozen-state" in self._findings:
            said = "{by} had to be used, because {call} is refused ({error}); there {holds}"
            finding = self._findings["frozen-state"]
            said = said.format(holds=finding.reason, **rewrapped)
            stopped = {name: rewrapped[name] for name in ("call", "error")}
            self._findings["frozen-state"] = inconclusive(said, refused=stopped, **finding.evidence)
        for name in ESSENTIAL:
            finding = self._findings.get(name)
            if finding is not None and finding.status == status.NOT_APPLICABLE:
                reason = "it was not carried out, so it proves nothing: {}".format(finding.reason)
                self._findings[name] = inconclusive(reason, **finding.evidence)

    def _entry(self, name):
        finding = self._findings[name]
        return {
            "name": name,
            "status": finding.status,
            "reason": finding.reason,
            "evidence": finding.evidence,
            "repro": finding.repro,
            "traceback": self._failures[name].traceback if name in self._failures else None,
            "seconds": self._check_seconds.get(name, 0.0),
        }


def _finding(check, subject):
    try:
        finding = check.decide(subject)
    except NotApplicable as absent:
        return absent.finding
    if not isinstance(finding, Finding):
        raise TypeError("it returned {!r}, which is not a Finding".format(finding))
    if finding.status not in DECIDABLE:
        raise ValueError("it returned the status {!r}, which a check may not return".format(finding.status))
    return finding
