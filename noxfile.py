# /// script
# requires-python = ">=3.10"
# dependencies = ["nox[uv]>=2026.8"]
# ///
"""Sessions of the repository; `nox -s regress` is the main job, `nox -s tests` the tests.

What is installed comes from requirements/*.txt, which `nox -s lock` makes.
"""

from __future__ import annotations

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

#: Seconds that an interrupted run has for ending its children and writing what is decided.
GRACE = 60.0


def install(session: nox.Session, *groups: str) -> None:
    """Install bnregress itself and the locked requirements of the groups."""
    locked = [argument for group in ("run", *groups) for argument in ("-r", f"requirements/{group}.txt")]
    session.install("--require-hashes", *locked)
    session.install("--no-deps", "--editable", ".")


def run(session: nox.Session, *command: str) -> None:
    """Run a command and end with its exit code: nox alone would make every failure a 1."""
    try:
        session.run(*command, interrupt_timeout=GRACE, terminate_timeout=GRACE)
    except CommandFailed as failure:
        raise SystemExit(failure.return_code or 1) from None


@nox.session
def regress(session: nox.Session) -> None:
    """Check releases and loading paths for real; options are those of `bnregress run`."""
    install(session)
    run(session, "bnregress", "run", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Test bnregress itself, on real releases too; options are those of pytest."""
    install(session, "tests")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Lint, check types, spelling, schemas, and the floors and the boundary between host and suite."""
    install(session, "tests", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    # What runs inside the releases' environments, the faults planted there included.
    inside = ("bnregress/suite", "tests/faults", "tests/power/inside.py", "tests/power/network.py")
    session.run("vermin", "--target=3.7-", "--no-tips", "--violations", *inside)
    session.run("lint-imports", "--no-cache")
    session.run("check-jsonschema", "--check-metaschema", "bnregress/resources/schemas/results.schema.json")
    known = "bnregress/resources/schemas/known.schema.json"
    session.run("check-jsonschema", "--check-metaschema", known)
    session.run("check-jsonschema", "--schemafile", known, "bnregress/resources/known.toml")
    session.run("codespell", "bnregress", "noxfile.py", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")


@nox.session
def lock(session: nox.Session) -> None:
    """Make the locks again: of releases (all, or the ids given), and of these sessions."""
    install(session)
    run(session, "python", "-m", "bnregress.locking", *session.posargs)
    if not session.posargs:
        lock_requirements(session, "run")
        for group in ("tests", "lint"):
            lock_requirements(session, group, "--group", f"pyproject.toml:{group}")


def lock_requirements(session: nox.Session, name: str, *what: str) -> None:
    """Compile requirements/NAME.txt for every platform and Python that the host supports."""
    session.run(
        "uv", "pip", "compile", *(what or ("pyproject.toml",)),
        "--quiet", "--universal", "--python-version", "3.10", "--generate-hashes", "--no-emit-index-url",
        "--no-annotate", "--custom-compile-command", "nox -s lock", "--output-file", f"requirements/{name}.txt",
        external=True,
    )  # fmt: skip


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the suite against the bare framework calls; options are those of tests/benchmark."""
    install(session, "tests")
    session.run("python", "-m", "tests.benchmark", *session.posargs)


@nox.session
def power(session: nox.Session) -> None:
    """Plant faults in real releases and tell which the suite catches; options are those of tests/power."""
    install(session, "tests")
    run(session, "python", "-m", "tests.power", *session.posargs)
