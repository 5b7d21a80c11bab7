"""What errors of drivers become, those included that are hard to provoke."""

import sqlite3
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql.translating import translated, translated_commit
from customer_groups.errors import (
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from engines import POSTGRESQL
from two_groups import look, two_groups


class OperationalError(Exception):
    """An error as psycopg and PyMySQL have them."""

    sqlstate: str | None = None


def error_with(state: str | None, *arguments: object) -> OperationalError:
    """Return an error with a state of SQL."""
    error = OperationalError(*arguments)
    error.sqlstate = state
    return error


def translation(
    original: Exception, context: Callable[[], AbstractContextManager[None]] = translated
) -> StorageError:
    """Return what an error of a driver becomes, after SQLAlchemy has wrapped it."""
    wrapped = sa.exc.DBAPIError.instance("SELECT :a", {"a": "hushed"}, original, Exception)
    with pytest.raises(StorageError) as caught, context():
        raise wrapped
    assert caught.value.__cause__ is original
    assert "hushed" not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("08006", StorageUnavailableError),
        ("08007", OutcomeUnknownError),
        ("40003", OutcomeUnknownError),
        ("53300", StorageUnavailableError),
        ("57P02", StorageUnavailableError),
        ("57P03", StorageUnavailableError),
        ("58030", StorageUnavailableError),
    ],
)
def test_states_of_postgresql(state: str, expected: type[StorageError]) -> None:
    """What the server says of itself and of the line to it is told apart."""
    assert type(translation(error_with(state, "said"))) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1020, RetryableConflictError),
        (1040, StorageUnavailableError),
        (1047, StorageUnavailableError),
        (1050, RetryableConflictError),
        (1061, RetryableConflictError),
        (1684, RetryableConflictError),
        (1129, StorageUnavailableError),
        (1130, StorageUnavailableError),
        (1203, StorageUnavailableError),
        (1226, StorageUnavailableError),
        (1698, StorageUnavailableError),
        (1053, StorageUnavailableError),
        (2006, StorageUnavailableError),
    ],
)
@pytest.mark.parametrize("state", [None, "HY000", "40001"])
def test_numbers_of_mariadb(number: int, expected: type[StorageError], state: str | None) -> None:
    """The number decides, whatever state of SQL the driver may know besides."""
    error = translation(error_with(state, number, "said"))
    assert type(error) is expected
    assert error.transaction_lost


def test_an_error_that_says_nothing() -> None:
    """Without a number and a state it is the driver that complains: there is no server."""
    assert type(translation(OperationalError("gone"))) is StorageUnavailableError
    assert type(translation(Exception())) is StorageError


@pytest.mark.parametrize("state", ["08007", "40003"])
def test_a_statement_with_an_unknown_outcome(state: str) -> None:
    """Nothing may go on, and nobody is told to repeat what may be stored."""
    error = translation(error_with(state, "said"))
    assert error.transaction_lost
    assert "look before repeating it" in str(error)
    assert "repeat all of it" not in str(error)


@pytest.mark.parametrize("kind", [ConnectionResetError, TimeoutError])
def test_errors_of_the_system(kind: type[OSError]) -> None:
    """What asyncpg passes on as it is, and SQLAlchemy does not wrap, is translated as well."""
    for context, expected in (
        (translated, StorageUnavailableError),
        (translated_commit, OutcomeUnknownError),
    ):
        original = kind("gone")
        with pytest.raises(StorageError) as caught, context():
            raise original
        assert type(caught.value) is expected
        assert caught.value.__cause__ is original
        assert caught.value.transaction_lost is (expected is StorageUnavailableError)


@pytest.mark.parametrize(
    ("statement", "is_lost"),
    [
        ("ROLLBACK TO SAVEPOINT a", True),
        ("RELEASE SAVEPOINT a", True),
        ("SELECT release()", False),
        (None, False),
    ],
)
def test_a_savepoint_that_is_gone(statement: str | None, is_lost: bool) -> None:  # noqa: FBT001
    """Then everything is; MariaDB says the same number of a function that is missing."""
    original = error_with("42000", 1305, "said")
    wrapped = sa.exc.DBAPIError(statement, None, original)
    with pytest.raises(StorageError) as caught, translated():
        raise wrapped
    assert caught.value.transaction_lost is is_lost


@pytest.mark.parametrize(("state", "number"), [("25006", "said"), ("HY000", 1047), ("HY000", 1290)])
def test_a_commit_that_is_refused(state: str, number: object) -> None:
    """A server that may only read has stored nothing; one that is cut off may have."""
    error = translation(error_with(state, number, "said"), translated_commit)
    assert type(error) is (OutcomeUnknownError if number == 1047 else StorageUnavailableError)


def test_a_commit_that_fails() -> None:
    """A server that is gone leaves the outcome open; SQLite knows that nothing is stored."""
    gone = translation(error_with("08006", "gone"), translated_commit)
    assert type(gone) is OutcomeUnknownError
    full = sqlite3.OperationalError("full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert type(translation(full, translated_commit)) is StorageUnavailableError


@pytest.mark.parametrize("driver", POSTGRESQL)
def test_a_statement_that_takes_too_long(driver: str) -> None:
    """A limit on the time of statements does not mean that the server is gone."""
    with two_groups(driver) as store, store.transaction() as work:
        work.session.execute(sa.text("SET LOCAL statement_timeout = 100"))
        with pytest.raises(StorageError) as caught, work.groups.atomic():
            work.session.rows(sa.text("SELECT pg_sleep(10)"))
        assert type(caught.value) is StorageError
        assert not caught.value.transaction_lost
        look(work)
