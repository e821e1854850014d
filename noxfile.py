# /// script
# requires-python = ">=3.10"
# dependencies = ["nox[uv]>=2026.8"]
# ///
"""Sessions of the repository; `nox -s regress` is the main job, `nox -s tests` the tests.

What is installed comes from requirements/*.txt, which `nox -s lock` makes.
"""

from __future__ import annotations

import os
import re
import runpy
import sys
from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree as ET

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

#: Where workflows are: our own, those for users, and those of the tests.
SCHEMAS = "bnregress/resources/schemas/*.json"
WORKFLOWS = (".github/workflows", "examples", "tests/action/under_act/workflows")
ACTIONS = ("action.yml", ".github/actions/*/action.yml", "tests/action/under_act/stubs/**/action.yml")

#: Seconds that an interrupted run has for ending its children and writing what is decided.
GRACE = 60.0


def pip_settings() -> dict[str, str]:
    """Return what pip is set up with, for uv; the file is run by its path, for bnregress is not installed yet."""
    settings = runpy.run_path("bnregress/machine/pip_settings.py")["for_uv"](os.environ)
    return {name: value for name, value in settings.items() if name not in os.environ}


def install(session: nox.Session, *groups: str) -> None:
    """Install bnregress itself and the locked requirements of the groups."""
    locked = [argument for group in ("run", *groups) for argument in ("-r", f"requirements/{group}.txt")]
    session.install("--require-hashes", *locked, env=pip_settings())
    session.install("--no-deps", "--editable", ".", env=pip_settings())


def run(session: nox.Session, *command: str) -> None:
    """Run a command and exit with its exit code: nox alone would make every failure a 1."""
    try:
        session.run(*command, interrupt_timeout=GRACE, terminate_timeout=GRACE)
    except CommandFailed as failure:
        raise SystemExit(failure.return_code or 1) from None


@nox.session
def regress(session: nox.Session) -> None:
    """Install releases and test their loading paths; options are those of `bnregress run`."""
    install(session)
    run(session, "bnregress", "run", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Test bnregress itself, on real releases too; options are those of pytest."""
    install(session, "tests")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run("pytest", "-n", "auto", "-m", "not end_to_end")
    # What they start uses every processor, for a part of its time: two at once fill the gaps.
    session.run("pytest", "-n", "2", "-m", "end_to_end")


@nox.session
def lint(session: nox.Session) -> None:
    """Lint; check types, spelling, schemas, minimum Python versions, and the boundary between host and suite."""
    install(session, "tests", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    # What runs inside the releases' environments, the faults planted there included.
    power = (f"tests/power/{name}.py" for name in ("inside", "network", "tuning"))
    inside = ("bnregress/suite", "tests/faults", *power)
    session.run("vermin", "--target=3.7-", "--no-tips", "--violations", *inside)
    session.run("lint-imports", "--no-cache")
    session.run("check-jsonschema", "--check-metaschema", *map(str, sorted(Path().glob(SCHEMAS))))
    known = ("bnregress/resources/schemas/known.schema.json", "bnregress/resources/known.toml")
    session.run("check-jsonschema", "--schemafile", *known)
    session.run("codespell", "bnregress", "docs", "noxfile.py", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
    session.run("hadolint", "examples/Containerfile")
    lint_workflows(session)


def lint_workflows(session: nox.Session) -> None:
    """Check workflows and actions against GitHub's schemas, and for known security problems."""
    workflows = [str(path) for folder in WORKFLOWS for path in sorted(Path(folder).glob("*.yml"))]
    actions = [str(path) for pattern in ACTIONS for path in sorted(Path().glob(pattern))]
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-actions", *actions)
    session.run("actionlint", *workflows)
    # zizmor needs Python 3.11; the lock leaves it out below.
    if sys.version_info >= (3, 11):
        zizmor = ("zizmor", "--offline", "--no-progress", "--strict-collection", "--persona", "regular")
        session.run(*zizmor, "--config", ".github/zizmor.yml", ".", *workflows)


@nox.session
def lock(session: nox.Session) -> None:
    """Remake the locks: of releases (all, or the ids given), and of these sessions."""
    install(session)
    run(session, "python", "-m", "bnregress.releases.locking", *session.posargs)
    if not session.posargs:
        lock_requirements(session, "run")
        together = ["--constraint", "requirements/run.txt"]
        for group in ("tests", "lint", "build", "action", "docs"):
            lock_requirements(session, group, "--group", f"pyproject.toml:{group}", *together)
            # What sessions install beside each other must agree on versions.
            together += ["--constraint", "requirements/tests.txt"] if group == "tests" else []


def lock_requirements(session: nox.Session, name: str, *what: str) -> None:
    """Compile requirements/NAME.txt for every platform and Python that the host supports."""
    session.run(
        "uv", "pip", "compile", *(what or ("pyproject.toml",)),
        "--quiet", "--universal", "--python-version", "3.10", "--generate-hashes", "--no-emit-index-url",
        "--no-annotate", "--custom-compile-command", "nox -s lock", "--output-file", f"requirements/{name}.txt",
        external=True, env=pip_settings(),
    )  # fmt: skip


@nox.session
def action(session: nox.Session) -> None:
    """Run the action and the workflows in act, on real releases too; options are those of pytest."""
    install(session, "tests", "build", "action")
    session.run("pytest", "tests/action/under_act", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/; `nox -s docs_checks` checks it."""
    build_docs(session, *session.posargs)
    session.log(f"The site is {Path('site/index.html').absolute()}")


@nox.session
def pages(session: nox.Session) -> None:
    """Build the site with the newest results; options are those of `python -m tools.pages`."""
    build_docs(session)
    run(session, "python", "-m", "tools.pages", *session.posargs, "--out", "site")


def build_docs(session: nox.Session, *options: str) -> None:
    """Build the site, strictly: a dead link between pages ends it."""
    install(session, "tests", "docs")
    # As a module, so that docs/hooks is found.
    session.run("python", "-m", "mkdocs", "build", "--strict", *options, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def docs_checks(session: nox.Session) -> None:
    """Build the documentation, check every link of it, and test it against the code."""
    build_docs(session)
    # Of links that lead elsewhere it looks at the form alone; there may be no network.
    session.run("linkchecker", "--config", "docs/hooks/linkchecker.ini", "--no-status", "site/index.html")
    session.run("pytest", "tests/docs", "tests/browser/test_documentation.py")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the suite against bare framework calls; options are those of tests/benchmark."""
    install(session, "tests")
    session.run("python", "-m", "tests.benchmark", *session.posargs)


#: Each kind of fault with the tests that try it.
HAZARDS = {
    "kills": ("tests/kills",),
    "edited environments": ("tests/run/test_confirming.py",),
    "stale results": ("tests/commands/test_stale.py", "tests/action/test_stale.py", "tests/run/test_identity.py"),
    "shards that do not belong together": ("tests/results",),
    "pins of two trees": ("tests/releases/test_pinned.py", "tests/commands/test_gate_trees.py"),
    "hostile files": ("tests/hostile",),
    "unforeseen errors and wrong places": ("tests/commands/test_breakage.py",),
    "hostile models": ("tests/checking/test_hostile_models.py",),
    "links": ("tests/action/test_links.py",),
    "hostile inputs and variables": ("tests/action/test_injection.py", "tests/action/test_inherited.py"),
    "posts": ("tests/action/test_inert.py",),
}


def tries(report: Path) -> str:
    """What a junit.xml of pytest says was tried: tests, and the cases that Hypothesis drew for some of them."""
    suite = ET.parse(report).getroot()[0]  # noqa: S314 - pytest has just written it
    told = [
        p.get("value", "") for p in suite.iter("property") if p.get("name", "").startswith("hypothesis-statistics-")
    ]
    drawn = sum(sum(map(int, re.findall(r"(\d+) passing", b64decode(each).decode()))) for each in told)
    return f"{suite.get('tests')} tests" + f" with {drawn} drawn cases" * bool(drawn)


@nox.session
def hazards(session: nox.Session) -> None:
    """Kill runs at 50 points, leave stale results, links and hostile input; stop at the first broken promise."""
    install(session, "tests")
    tried = []
    for kind, places in HAZARDS.items():
        report = Path(session.create_tmp()) / "junit.xml"
        command = ("pytest", "-q", "-x", f"--junit-xml={report}", *places, *session.posargs)
        session.run(*command, env={"BNREGRESS_TEST_KILLS": "50"})
        tried.append(f"{kind}: {tries(report)}")
    session.log("As promised. " + "; ".join(tried))


@nox.session
def cases(session: nox.Session) -> None:
    """Test `bnregress check` on models from public reports, each in its release; options are those of pytest."""
    install(session, "tests")
    session.run("pytest", "tests/checking/test_cases.py", *session.posargs, env={"BNREGRESS_TEST_CASES": "all"})


@nox.session
def power(session: nox.Session) -> None:
    """Plant faults in real releases and report which the suite catches; options are those of tests/power."""
    install(session, "tests")
    run(session, "python", "-m", "tests.power", *session.posargs)


@nox.session
def gpu(session: nox.Session) -> None:
    """Run all that needs a GPU, and write the block for docs/gpu.md; exits with 3 without one; see tools/gpu."""
    install(session, "tests")
    run(session, "python", "-m", "tools.gpu", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the framework's own code, one place at a time, and report what the suite notices; see tests/mutants."""
    install(session, "tests")
    run(session, "python", "-m", "tests.mutants", *session.posargs)
