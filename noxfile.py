"""Sessions for the work on the library: ``nox`` runs the usual ones, ``nox -s full`` all."""

from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "lint", "typing", "docs"]

PYTHONS = ["3.11", "3.12", "3.13"]
PROJECT = nox.project.load_toml("pyproject.toml")["project"]


def install(session: nox.Session, group: str, *more: str) -> None:
    """Install the library for editing, with a dependency group of pyproject.toml."""
    session.install("--upgrade", "pip>=25.1")  # the first that knows dependency groups
    session.install("--group", group, "--editable", ".", *more)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install("--upgrade", "pip>=25.1")
    session.install("--group", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of source and tests."""
    install(session, "typing")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def wheel(session: nox.Session) -> None:
    """Run the tests against the built wheel, with the source tree out of the way."""
    session.install("--upgrade", "pip>=25.1", "build")
    with TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", f"{folder}/dist")
        (built,) = Path(folder, "dist").glob("*.whl")
        session.install("--group", "tests", f"{built}[cli,sql,testing]")
        for name in ("tests", "docs", "README.md", "conftest.py", "pyproject.toml"):
            session.run("cp", "-R", name, folder, external=True)
        with session.chdir(folder):
            session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions of the dependencies that are promised."""
    promised = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["sql"]
    install(session, "tests", *(requirement.replace(">=", "==") for requirement in promised))
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def deep(session: nox.Session) -> None:
    """Let Hypothesis look for long, with other examples on every run."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *session.posargs, env={"HYPOTHESIS_PROFILE": "deep"})


@nox.session
def full(session: nox.Session) -> None:
    """Queue everything, however long it takes; run it before an issue is called resolved."""
    for python in PYTHONS:
        session.notify(f"tests-{python}")
    for name in ("lint", "typing", "docs", "wheel", "lowest", "deep"):
        session.notify(name)
