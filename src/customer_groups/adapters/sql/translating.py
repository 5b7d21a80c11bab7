"""Errors of drivers, turned into ours."""

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from customer_groups.errors import (
    ConstraintViolatedError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)

__all__ = ["translated"]

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_PRIMARY_CODE = 0xFF  # the rest of an extended result code of SQLite says more about it


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLAlchemy raises inside the context into an error of ours.

    The cause is the driver's own exception: SQLAlchemy's may show the parameters.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(error) from error.orig
    except SQLAlchemyError as error:
        raise StorageError(_see_cause("the statement failed", error)) from error
    except (OverflowError, UnicodeError) as error:  # the driver's, past SQLAlchemy
        what = "the database cannot hold one of the values"
        raise StorageError(_see_cause(what, error)) from error


def _see_cause(what: str, error: BaseException | None) -> str:
    return f"{what} ({type(error).__name__}); see the cause"


def _translation(error: DBAPIError) -> StorageError:
    if isinstance(error, IntegrityError):
        what = "a constraint of the database is violated"
        return ConstraintViolatedError(_see_cause(what, error.orig))
    code = getattr(error.orig, "sqlite_errorcode", 0)
    if code & _PRIMARY_CODE in _SQLITE_BUSY:
        lost = code == sqlite3.SQLITE_BUSY_SNAPSHOT
        return RetryableConflictError(
            "another transaction is writing to this database; try again", lost
        )
    if code & _PRIMARY_CODE in _SQLITE_UNAVAILABLE:
        return StorageUnavailableError(f"the database file cannot be used ({error.orig}); check it")
    return StorageError(_see_cause("the database refused the statement", error.orig))
