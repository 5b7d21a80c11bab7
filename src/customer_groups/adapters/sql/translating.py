"""Errors of drivers, turned into ours."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from customer_groups.errors import (
    ConstraintViolatedError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)

__all__ = ["translated", "translated_commit", "violated_constraint"]

T = TypeVar("T")


def _see_cause(what: str, error: BaseException) -> str:
    return f"{what} ({type(error).__name__}); see the cause"


def _conflict(error: BaseException) -> StorageError:
    what = "another transaction was in the way; try again"
    return RetryableConflictError(_see_cause(what, error), transaction_lost=True)


def _lock_conflict(error: BaseException) -> StorageError:
    what = "another transaction holds a lock; try again"
    return RetryableConflictError(_see_cause(what, error))


def _just_created(error: BaseException) -> StorageError:
    what = "another process has just created the tables; try again in a new transaction"
    return RetryableConflictError(_see_cause(what, error), transaction_lost=True)


def _unavailable(error: BaseException) -> StorageError:
    what = "the database cannot be reached, or does not accept work now"
    return StorageUnavailableError(_see_cause(what, error), transaction_lost=True)


def _read_only(error: BaseException) -> StorageError:
    what = "the connection may only read; open one that may write"
    return StorageUnavailableError(_see_cause(what, error))


def _denied(error: BaseException) -> StorageError:
    what = "the user of the database may not do this; grant it"
    return StorageError(_see_cause(what, error))


def _undefined(error: BaseException) -> StorageError:
    what = "a table or column is not there; check CustomerTable, and the schema of the tables"
    return StorageError(_see_cause(what, error))


def _already_failed(error: BaseException) -> StorageError:
    what = "an earlier statement of this transaction failed, and nobody undid it"
    return StorageError(_see_cause(what, error), transaction_lost=True)


def _outcome_unknown(error: BaseException) -> StorageError:
    what = "the database does not know whether the work is stored; look before repeating it"
    return OutcomeUnknownError(_see_cause(what, error), transaction_lost=True)


def _sqlite_busy(error: BaseException) -> StorageError:
    return RetryableConflictError(
        "another transaction is writing to this database; try again",
        transaction_lost=getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY_SNAPSHOT,
    )


def _sqlite_unavailable(error: BaseException) -> StorageError:
    return StorageUnavailableError(f"the database file cannot be used ({error}); check it")


def _sqlite_broken(error: BaseException) -> StorageError:
    # Nobody knows what is on the disk; SQLite may have rolled back by itself.
    what = f"the database file cannot be read or written ({error}); check the disk"
    return StorageUnavailableError(what, transaction_lost=True)


_Kind = Callable[[BaseException], StorageError]


def _kinds(*groups: tuple[_Kind, Iterable[T]]) -> Mapping[T, _Kind]:
    return {code: kind for kind, codes in groups for code in codes}


# https://www.sqlite.org/rescode.html
_SQLITE = _kinds(
    (_sqlite_busy, [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED]),
    (_sqlite_broken, [sqlite3.SQLITE_IOERR]),
    (
        _sqlite_unavailable,
        [
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_READONLY,
        ],
    ),
)
_PRIMARY_CODE = 0xFF  # the rest of an extended result code of SQLite says more about it

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = _kinds(
    (_conflict, ["40001", "40P01"]),  # serialization failure, deadlock
    (_lock_conflict, ["55P03"]),
    (_just_created, ["42P07", "42710"]),  # table or index, other object
    (_already_failed, ["25P02"]),
    (_read_only, ["25006"]),
    (_denied, ["42501"]),
    (_undefined, ["42P01", "42703"]),  # table, column
    (_outcome_unknown, ["08007", "40003"]),
    (_unavailable, ["57P01", "57P02", "57P03", "57P05"]),  # the server ends the connection
)
_POSTGRESQL_CLASSES = _kinds(
    # Connection, authorization, name of the database, resources, system.
    (_unavailable, ["08", "28", "3D", "53", "58"]),
)

# https://mariadb.com/kb/en/mariadb-error-code-reference/
_MARIADB = _kinds(
    # A row changed since it was read; waited too long for a lock, and the server may have
    # undone one statement or all; deadlock, and on a cluster any conflict.
    (_conflict, [1020, 1205, 1213]),
    (_just_created, [1050, 1061, 1684]),  # table, index, a table in the making
    (_read_only, [1290, 1792, 1836]),
    (_denied, [1044, 1142, 1227]),  # in the database, on the table, at all
    (_undefined, [1054, 1146]),  # column, table
    # Too many connections, at all or of this user; wrong password, or way to prove who one
    # is; a host that is blocked or unknown; a node without its cluster; no such database;
    # shutting down; killed.
    (_unavailable, [1040, 1203, 1226, 1045, 1698, 1129, 1130, 1047, 1049, 1053, 1927]),
    (_unavailable, [2002, 2003, 2006, 2013, 2055, 4031]),  # the ways of losing a connection
)

_ENDS_OF_SAVEPOINTS = ("ROLLBACK TO SAVEPOINT ", "RELEASE SAVEPOINT ")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLAlchemy raises inside the context into an error of ours.

    The cause is the driver's own exception: SQLAlchemy's may show the parameters. Nothing
    of the caller's may run inside: its own failures to read a file would be taken for ours.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(error) from error.orig
    except PoolTimeoutError as error:
        raise StorageUnavailableError(
            "no connection to the database became free; try again, or give the engine more"
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(_see_cause("the statement failed", error)) from error
    except OSError as error:  # of the line to the server, which asyncpg passes on as it is
        raise _unavailable(error) from error
    except (OverflowError, UnicodeError) as error:  # the driver's, past SQLAlchemy
        what = "the database cannot hold one of the values"
        raise StorageError(_see_cause(what, error)) from error


@contextlib.contextmanager
def translated_commit() -> Iterator[None]:
    """Do the same around a commit: who lost the connection then does not know the outcome.

    Who only hears that the database may not write now does know it.
    """
    try:
        with translated():
            yield
    except StorageUnavailableError as error:
        if not error.transaction_lost:
            raise
        raise OutcomeUnknownError(
            "the connection broke while committing: look whether the work is stored"
            " before repeating it"
        ) from error.__cause__


def violated_constraint(error: StorageError) -> str | None:
    """Return the name of the constraint that is violated, where the driver tells it."""
    cause = error.__cause__
    diagnostics = getattr(cause, "diag", None) or getattr(cause, "__cause__", None)
    return getattr(diagnostics, "constraint_name", None)


def _translation(error: DBAPIError) -> StorageError:
    original = error.orig
    assert original is not None  # noqa: S101  SQLAlchemy has wrapped something
    kind = _kind_of(original)
    if kind is None and (error.connection_invalidated or _is_without_server(original)):
        kind = _unavailable
    ends_savepoint = (error.statement or "").startswith(_ENDS_OF_SAVEPOINTS)
    if kind is None and ends_savepoint:
        kind = _already_failed
    if kind is not None:
        translation = kind(original)
        translation.transaction_lost |= ends_savepoint  # without it nothing can be undone
        return translation
    if isinstance(error, IntegrityError):
        what = "a constraint of the database is violated"
        return ConstraintViolatedError(_see_cause(what, original))
    return StorageError(_see_cause("the database refused the statement", original))


def _kind_of(error: BaseException) -> _Kind | None:
    if code := getattr(error, "sqlite_errorcode", None):
        return _SQLITE.get(code & _PRIMARY_CODE)
    if number := _mariadb_number(error):
        return _MARIADB.get(number)
    if state := _postgresql_state(error):
        return _POSTGRESQL.get(state) or _POSTGRESQL_CLASSES.get(state[:2])
    return None


def _mariadb_number(error: BaseException) -> int | None:
    # PyMySQL knows the state of SQL as well, which says less than the number.
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) else None


def _postgresql_state(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _is_without_server(error: BaseException) -> bool:
    """Return whether a driver of PostgreSQL complains, and no server has said why."""
    is_postgresql = hasattr(error, "sqlstate") or hasattr(error, "pgcode")
    names = {kind.__name__ for kind in type(error).__mro__}
    complains = bool(names & {"OperationalError", "InterfaceError"})
    return is_postgresql and complains and _postgresql_state(error) is None
