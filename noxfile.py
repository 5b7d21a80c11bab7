"""Sessions for the work on the library: ``nox`` runs the usual ones, ``nox -s full`` all."""

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "lint", "typing", "docs"]

PYTHONS = ["3.11", "3.12", "3.13"]
PROJECT = nox.project.load_toml("pyproject.toml")["project"]
PROMISED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["sql"]
LOWEST = [requirement.replace(">=", "==") for requirement in PROMISED]
SQLALCHEMY = {
    "lowest": next(each for each in LOWEST if each.startswith("sqlalchemy==")),
    "2.0": "sqlalchemy>=2.0,<2.1",
    "2.1": "sqlalchemy>=2.1,<2.2",
}
DRIVERS = ["psycopg", "psycopg2", "pymysql", "mysqldb"]
TESTS_OF_SQL = [
    "tests/adapters",
    "tests/reservations",
    "tests/testing/test_contract_of_reservations.py",
    "tests/testing/test_contract_of_sql.py",
    "tests/test_real_data.py",
    "tests/test_searching.py",
    "tests/test_service.py",
]
TESTS_OF_KIT = [
    "tests/testing/test_contract_of_directories.py",
    "tests/testing/test_contract_of_memory.py",
    "tests/testing/test_contract_of_reservations.py",
    "tests/testing/test_contract_of_sql.py",
]
KIT_RUNS = {"": 17, "psycopg pymysql": 3, "psycopg2 mysqldb": 3}
"""How often the kit looks at these drivers; each time it looks at memory and SQLite, too."""
OLDEST_POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
"""Where Debian's packages put the oldest PostgreSQL that is promised."""
COMPLETE = {"CI": "true"}
"""Makes what is missing a failure, where a skipped test would say nothing."""


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
    install(session, "tests", *LOWEST)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=PYTHONS)
def hosts(session: nox.Session) -> None:
    """Embed the library in every host that the tests know."""
    install(session, "tests", "--group", "hosts", "--group", "drivers")
    session.run("python", "-m", "pytest", "tests/hosts", *session.posargs, env=COMPLETE)


@nox.session(python=PYTHONS[0])
@nox.parametrize("driver", DRIVERS, ids=DRIVERS)
@nox.parametrize("sqlalchemy", [*SQLALCHEMY.values()], ids=[*SQLALCHEMY])
def engines(session: nox.Session, sqlalchemy: str, driver: str) -> None:
    """Run the tests of SQL with one driver and one version of SQLAlchemy."""
    install(session, "tests", "--group", "drivers", sqlalchemy)
    environment = COMPLETE | {
        "CUSTOMER_GROUPS_TEST_DRIVERS": driver,
        "CUSTOMER_GROUPS_KIT_PROFILE": "standard",
    }
    only = ["-m", "not galera", *TESTS_OF_SQL]
    session.run("python", "-m", "pytest", *only, *session.posargs, env=environment)


@nox.session(python=PYTHONS[0])
def postgresql_15(session: nox.Session) -> None:
    """Run the tests of SQL on the oldest PostgreSQL; the other sessions take the newest."""
    if not OLDEST_POSTGRESQL.is_dir():
        session.skip(f"{OLDEST_POSTGRESQL} is missing: apt-get install postgresql-15")
    install(session, "tests")
    environment = COMPLETE | {
        "CUSTOMER_GROUPS_POSTGRES_BIN": str(OLDEST_POSTGRESQL),
        "CUSTOMER_GROUPS_TEST_DRIVERS": "psycopg",
    }
    only = ["-m", "not galera", *TESTS_OF_SQL]
    session.run("python", "-m", "pytest", *only, *session.posargs, env=environment)


@nox.session
def galera(session: nox.Session) -> None:
    """Run the tests that need a cluster."""
    install(session, "tests")
    session.run("python", "-m", "pytest", "-m", "galera", *session.posargs, env=COMPLETE)


@nox.session
def deep(session: nox.Session) -> None:
    """Let Hypothesis look for long, with other examples on every run."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *session.posargs, env={"HYPOTHESIS_PROFILE": "deep"})


@nox.session
def gallery(session: nox.Session) -> None:
    """Look for every broken adapter of the gallery with three seeds."""
    install(session, "tests")
    environment = {"CUSTOMER_GROUPS_GALLERY_SEEDS": "3"}
    session.run("python", "-m", "pytest", "tests/gallery", *session.posargs, env=environment)


@nox.session(python=PYTHONS[0])
def fuzz(session: nox.Session) -> None:
    """Fuzz every reader for a minute; arguments go to libFuzzer instead."""
    install(session, "tests", "--group", "fuzz")
    options = session.posargs or ["-max_total_time=60"]
    environment = COMPLETE | {"CUSTOMER_GROUPS_FUZZ": " ".join(options)}
    session.run("python", "-m", "pytest", "tests/fuzzing", env=environment)


@nox.session
def false_alarms(session: nox.Session) -> None:
    """Run the deep profile of the kit on our own, right adapters, again and again."""
    install(session, "tests", "--group", "drivers")
    for driver, runs in KIT_RUNS.items():
        environment = COMPLETE | {
            "CUSTOMER_GROUPS_TEST_DRIVERS": driver,
            "HYPOTHESIS_PROFILE": "deep",
        }
        for _ in range(runs):
            session.run("python", "-m", "pytest", *TESTS_OF_KIT, env=environment)


@nox.session
def full(session: nox.Session) -> None:
    """Queue everything, however long it takes; run it before an issue is called resolved."""
    for name, python in product(("tests", "hosts"), PYTHONS):
        session.notify(f"{name}-{python}")
    for sqlalchemy, driver in product(SQLALCHEMY, DRIVERS):
        session.notify(f"engines({sqlalchemy}, {driver})")
    for name in ("lint", "typing", "docs", "wheel", "lowest", "galera", "gallery", "deep", "fuzz"):
        session.notify(name)
    session.notify("postgresql_15")
    session.notify("false_alarms")
