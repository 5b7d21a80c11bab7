"""The import that the benchmarks time, on a database server."""

import importlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from comparing import argument_parser, compare, import_with_ours, measure, prepare

from customer_groups.adapters.sql import EmbeddedGroupStore

__all__ = ["open_store", "private_server", "time_import"]

TESTS = Path(__file__).parents[1] / "tests"
CHANGED = ("cg_group", "cg_membership")


def time_import(
    script: str,
    driver: str,
    by_hand: Callable[[str, Path], Counter[str]],
    *,
    settings: Sequence[str],
    analyze: str,
) -> None:
    """Compare, or with ``--run`` run one of the two.

    Args:
        script: The file of the benchmark.
        driver: What SQLAlchemy calls the driver, unless another one is asked for.
        by_hand: Imports with the bare driver.
        settings: Statements that give a private server the memory of a real one.
        analyze: A statement that lets the planner know the tables.
    """
    parser = argument_parser()
    parser.add_argument("--driver", default=driver, help="what SQLAlchemy calls it")
    parser.add_argument("url", nargs="?", help="an empty database; else a server is started")
    options = parser.parse_args()
    if options.run:
        subject, url, listed = options.run
        measure(by_hand if subject == "reference" else _import_with_ours, url, listed)
    elif options.url:
        _prepare_and_compare(script, options.url, analyze, options.codes, options.rounds)
    else:
        with private_server(options.driver, settings) as url:
            _prepare_and_compare(script, url, analyze, options.codes, options.rounds)


@contextmanager
def private_server(driver: str, settings: Sequence[str] = ()) -> Iterator[str]:
    """Start a server as the tests do; return a context in which it has an empty database."""
    sys.path.append(str(TESTS))
    try:
        url = importlib.import_module("databases").new_database(driver)
        _execute(sa.create_engine(url), *settings)
        yield url.render_as_string(hide_password=False)
    finally:
        importlib.import_module("servers").stop_servers()


def open_store(url: str) -> EmbeddedGroupStore:
    """Return a store on a database whose customers are our own, too."""
    return EmbeddedGroupStore(sa.create_engine(url, hide_parameters=True), tenant="default")


def _import_with_ours(url: str, listed: Path) -> Counter[str]:
    return import_with_ours(open_store(url), listed)


def _prepare_and_compare(script: str, url: str, analyze: str, size: int, rounds: int) -> None:
    store = open_store(url)
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "codes.csv")
        store.create()
        prepare(store, listed, size)
        for table in CHANGED:
            _execute(store.engine, f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608  names of ours
        compare(script, partial(_restored, store.engine, analyze), listed, rounds)
    store.close()


def _restored(engine: sa.Engine, analyze: str) -> str:
    """Undo what an import has changed, and return where the database is."""
    for table in CHANGED:
        _execute(
            engine,
            f"TRUNCATE TABLE {table}",
            f"INSERT INTO {table} SELECT * FROM kept_{table}",  # noqa: S608  names of ours
        )
    _execute(engine, analyze)
    return engine.url.render_as_string(hide_password=False)


def _execute(engine: sa.Engine, *statements: str) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
