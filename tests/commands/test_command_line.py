"""The command line as a person types it; nothing here makes an environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import bnregress
from bnregress.cells.identifiers import CellId
from bnregress.cli import main
from bnregress.errors import ExitCode
from bnregress.judging.known.drift import Unexpected
from bnregress.machine.locations import cache_dir
from bnregress.results.file import load_results
from bnregress.results.model import CellResult, CheckResult, Host, ReleaseResult, Results
from bnregress.run import engine
from bnregress.run.budgets import Budgets
from bnregress.run.events import Progress
from bnregress.run.options import RunOptions
from bnregress.run.searching import SearchOptions
from bnregress.run.trials import Trials

pytestmark = pytest.mark.usefixtures("places")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    assert captured.err.startswith("bnregress: ")
    assert "Traceback" not in captured.err
    return code, captured.err


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"bnregress {bnregress.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], *([command, "--help"] for command in ("plan", "run", "gate", "bisect", "known"))]
)
def test_help_has_examples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert "examples:\n  bnregress " in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["runn"],
        ["run", "--unknown"],
        ["run", "--jobs", "0"],
        ["run", "--jobs", "two"],
        ["run", "--timeout", "-1"],
        ["run", "--timeout", "inf"],
        ["run", "--timeout", "soon"],
        ["plan", "--format", "xml"],
    ],
)
def test_wrong_usage_exits_2_and_shows_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: bnregress" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("option", "wrong", "offered"),
    [("--select", "tf2.1.00", "tf2.1.0"), ("--path", "tf-keras-aplications", "tf-keras-applications")],
)
def test_a_selector_that_fits_nothing_offers_the_nearest_names(
    command: str, option: str, wrong: str, offered: str, places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, message = refused(capsys, command, option, wrong)
    assert code == 2
    assert wrong in message
    assert offered in message
    assert not (places / "environments").exists()
    assert not (places / "bnregress-results").exists()


def test_selectors_that_together_fit_nothing_exit_3(capsys: pytest.CaptureFixture[str]) -> None:
    code, message = refused(capsys, "run", "--select", "tf2.1.0/h5", "--path", "json")
    assert code == 3
    assert "nothing to do" in message


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--suite", "finetune", "--data", "gratings"), "Did you mean gratings10?"),
        (("--suite", "finetune", "--data", "none.npz"), "cannot be read: No such file"),
        (("--suite", "finetune", "--weights", "imagnet"), "Did you mean imagenet?"),
        (("--data", "cifar10"), "Add --suite finetune"),
    ],
)
def test_what_a_fine_tune_cannot_be_made_of_is_refused(
    options: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("run", "plan"):
        code, message = refused(capsys, command, *options)
        assert code == 2
        assert answer in message


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--suite", "propertys"), "Did you mean properties?"),
        (("--device", "gpus"), "Did you mean gpu"),
        (("--learning-rate", "nan"), "is not a number above 0"),
        (("--shard", "3/2"), "there are 1/2 to 2/2"),
        (("--no-such-option",), "unrecognized arguments: --no-such-option"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_the_usage_of_the_command(
    command: str, options: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, *options])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"usage: bnregress {command} ")
    assert answer in said


def test_resuming_where_nothing_ran_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, message = refused(capsys, "run", "--select", "tf2.1.0", "--path", "h5", "--resume", "--out", "empty")
    assert code == 2
    assert "no run to resume" in message


def test_an_out_that_is_a_file_is_refused(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (places / "file").touch()
    code, message = refused(capsys, "run", "--select", "tf2.1.0", "--path", "h5", "--out", "file")
    assert code == 2
    assert "--out" in message


def test_plan_as_json_names_each_cell_with_predicted_seconds_and_places(
    places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["plan", "--select", "tf2.{0,1}.0", "--path", "{h5,json}", "--format", "json"])
    plan = json.loads(capsys.readouterr().out)
    assert [entry["cells"] for entry in plan["releases"]] == [
        [f"{release}/json", f"{release}/h5"] for release in ("tf2.0.0", "tf2.1.0")
    ]
    for entry in plan["releases"]:
        assert (entry["predicted_seconds"] is None) == (entry["unavailable"] is not None)
    assert plan["places"]["environments"] == {"path": str(places / "environments"), "bytes": 0}
    assert code == (0 if any(entry["unavailable"] is None for entry in plan["releases"]) else 3)


def test_plan_shows_every_selected_release_and_makes_nothing(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--select", "tf2.{0,1}.*", "--path", "h5"]) in (0, 3)
    out = capsys.readouterr().out
    for release in ("tf2.0.0", "tf2.0.4", "tf2.1.0", "tf2.1.1", "tf2.1.4"):
        assert release in out
    assert list(places.iterdir()) == []


class EngineDouble:
    """Stands in for hours of work: returns what a run would, and keeps the options that it got."""

    def __init__(self, status: str, *, interrupted: bool = False) -> None:
        facts = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256=None)
        cell = CellResult(id=CellId(release="tf2.1.0", path="h5"), device="cpu", status=status, reason="because")
        host = Host.here()
        self.results = Results(plan="0" * 64, complete=True, host=host, releases={"tf2.1.0": facts}, cells=(cell,))
        self.interrupted = interrupted

    def __call__(self, options: RunOptions, progress: Progress, _: object = None) -> engine.Measured:
        self.options = options
        options.out.mkdir()
        return engine.Measured(self.results, self.interrupted)


@pytest.mark.parametrize(("status", "code"), [("regress", ExitCode.REGRESSION), ("pass", ExitCode.EXPECTED)])
def test_run_writes_the_summary_prints_the_report_and_exits_as_what_was_measured_calls_for(
    status: str, code: ExitCode, places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "run", EngineDouble(status))
    assert main(["run", "--out", "results"]) == code
    assert status.upper() in capsys.readouterr().out.upper()
    assert status.upper() in (places / "results" / "summary.md").read_text(encoding="utf-8").splitlines()[0]
    assert {"report.html", "junit.xml", "badge.json"} < {file.name for file in (places / "results").iterdir()}


KNOWN = """\
[[known]]
cells = "tf2.1.0/h5"
checks = { mode-parity = "because" }
reason = "Why."
remedy = "Do."
source = "not reported upstream"
"""


@pytest.mark.parametrize(
    ("options", "code", "drift"),
    [
        (["--known", "none"], ExitCode.REGRESSION, "new"),
        (["--known", "none", "--fail-on", "never"], ExitCode.EXPECTED, "new"),
        (["--known", "known.toml"], ExitCode.EXPECTED, None),
    ],
)
@pytest.mark.parametrize("interrupted", [False, True])
def test_run_judges_what_the_engine_measured(
    options: list[str],
    code: ExitCode,
    drift: str | None,
    interrupted: bool,
    places: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (places / "known.toml").write_text(KNOWN, encoding="utf-8")
    double = EngineDouble("regress", interrupted=interrupted)
    failed = CheckResult(name="mode-parity", status="regress", reason="because")
    double.results = double.results.with_cells([replace(double.results.cells[0], checks=(failed,))])
    monkeypatch.setattr(engine, "run", double)
    assert main(["run", "--out", "results", *options]) == (ExitCode.INTERRUPTED if interrupted else code)
    (cell,) = load_results(places / "results" / "results.json").cells
    assert cell.drift == drift
    assert (cell.known is None) == (drift == "new")
    assert cell.remedy


def test_run_measures_a_model_of_ones_own_as_one_more_cell_of_every_report(
    places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "run", EngineDouble("pass"))
    (places / "models.py").touch()
    # No environment was made, so that the model cannot be measured: that is no green.
    assert main(["run", "--out", "results", "--model", "models:build", "--timeout", "5"]) == 4
    assert "own-model" in capsys.readouterr().out
    written = load_results(places / "results" / "results.json")
    assert [str(cell.id) for cell in written.cells] == ["tf2.1.0/h5", "tf2.1.0/own-model"]
    for name in ("report.html", "summary.md", "junit.xml"):
        assert "own-model" in (places / "results" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_model_that_is_not_module_and_callable_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("models", "models:", "a:b:c", "a b:c", "-x:y"):
        with pytest.raises(SystemExit) as left:
            main([command, f"--model={wrong}"])
        assert left.value.code == 2
        assert "is not MODULE:CALLABLE" in capsys.readouterr().err


def test_a_plan_shows_a_model_of_ones_own_in_each_release_and_is_another_plan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plans = []
    for model in ([], ["--model", "models:build"], ["--model", "models:other"]):
        main(["plan", "--select", "tf2.{0,1}.0", "--path", "h5", "--format", "json", *model])
        plans.append(json.loads(capsys.readouterr().out))
    assert [entry["cells"][-1] for entry in plans[1]["releases"]] == ["tf2.0.0/own-model", "tf2.1.0/own-model"]
    assert len({plan["hash"] for plan in plans}) == 3


def test_plan_takes_every_option_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    some = ["plan", "--select", "tf2.1.0", "--path", "h5", "--format", "json", "--jobs", "3"]
    assert main(some) in (0, 3)
    plain = json.loads(capsys.readouterr().out)
    more = ["--offline", "--fresh", "--resume", "--out", "x", "--timeout", "5", "--explore", "1", "--search-seed", "2"]
    assert main([*some, *more, "--known", "none", "--fail-on", "drift"]) in (0, 3)
    assert json.loads(capsys.readouterr().out)["releases"] == plain["releases"]


def test_run_hands_every_option_to_the_engine(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    double = EngineDouble("pass")
    monkeypatch.setattr(engine, "run", double)
    chosen = ["--select", "tf2.1.0", "--select", "tf2.0.*", "--path", "h5", "--variant", "default", "--device", "cpu"]
    chosen += ["--known", "none", "--fail-on", "drift", "--explore", "2", "--search-seed", "7", "--repeat", "4"]
    (places / "there" / "run").mkdir(parents=True)
    (places / "there" / "run" / "plan.json").touch()
    main(["run", *chosen, "--jobs", "3", "--timeout", "7.5", "--offline", "--resume", "--out", "there"])
    assert double.options == RunOptions(
        out=places / "there",
        select=("tf2.1.0", "tf2.0.*"),
        paths=("h5",),
        variants=("default",),
        device="cpu",
        jobs=3,
        offline=True,
        resume=True,
        # A long search is a cell of its own, which shrinks what it finds for as long again.
        budgets=Budgets(cell=7.5 + 2 * 120),
        search=SearchOptions(explore=2, seed=7, database=cache_dir() / "examples"),
        trials=Trials(times=4, news=Unexpected(())),
    )


def test_an_interrupt_exits_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(options: RunOptions, progress: Progress, _: object = None) -> engine.Measured:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run", interrupted)
    assert refused(capsys, "run") == (130, "bnregress: interrupted\n")


def module(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    root = Path(bnregress.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root), **options}
    command = [sys.executable, "-m", "bnregress", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_module_runs_as_the_command_does() -> None:
    ended = module("plan", "--select", "tf9*")
    assert ended.returncode == 2
    assert ended.stderr.startswith("bnregress: ")


def test_a_terminal_that_has_no_unicode_gets_its_plan() -> None:
    ended = module("plan", "--select", "tf2.1.0", PYTHONIOENCODING="ascii:strict")
    assert ended.returncode in (0, 3)
    assert "tf2.1.0" in ended.stdout


def test_a_reader_that_goes_away_costs_no_traceback() -> None:
    root = Path(bnregress.__file__).parents[1]
    for format in ("table", "json"):
        command = [sys.executable, "-m", "bnregress", "plan", "--format", format]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""


def test_the_command_line_answers_before_what_is_slow_to_import() -> None:
    code = (
        "import sys\n"
        "from bnregress.cli import main\n"
        "try:\n"
        "    main(['--version'])\n"
        "except SystemExit:\n"
        "    print(*sys.modules)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    slow = {"numpy", "h5py", "rich", "jsonschema", "jinja2", "packaging.requirements", "findpython", "urllib.request"}
    assert not slow & set(shown.split())
