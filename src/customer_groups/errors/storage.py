"""Errors about storage and transactions."""

import attrs

from customer_groups.errors.base import CustomerGroupsError

__all__ = [
    "ConstraintViolatedError",
    "HostTransactionRequiredError",
    "OutcomeUnknownError",
    "RetryableConflictError",
    "SchemaError",
    "StorageError",
    "StorageUnavailableError",
    "TransactionClosedError",
]


@attrs.define
class TransactionClosedError(CustomerGroupsError, RuntimeError):
    """A unit of work was used after its transaction ended."""

    def __str__(self) -> str:
        return "this unit of work has ended; open a new transaction"


@attrs.define
class HostTransactionRequiredError(CustomerGroupsError, RuntimeError):
    """The host lent a connection on which no transaction is open."""

    def __str__(self) -> str:
        return (
            "this connection is in no transaction, or commits each statement by itself;"
            " begin one, with autocommit off, then bind to the connection"
        )


@attrs.define
class StorageError(CustomerGroupsError, RuntimeError):
    """The storage failed; the original error is the ``__cause__``.

    Attributes:
        message: What happened, without any value that was stored or searched.
        transaction_lost: Whether the whole transaction is gone. Then every further
            call raises, and the owner of the transaction must roll back.
    """

    message: str
    transaction_lost: bool = False

    def __str__(self) -> str:
        if not self.transaction_lost:
            return self.message
        return f"{self.message}; the transaction is lost: roll back and repeat all of it"


class ConstraintViolatedError(StorageError):
    """The storage refused values that it must not hold together."""


class RetryableConflictError(StorageError):
    """Another transaction was in the way; the same work may succeed when repeated."""


class OutcomeUnknownError(StorageError):
    """The storage failed while committing: the work may be stored, or not."""

    def __str__(self) -> str:
        # Who repeats what is stored already does it twice.
        return self.message


class StorageUnavailableError(StorageError):
    """The storage cannot be reached or does not accept work now."""


@attrs.define
class SchemaError(CustomerGroupsError, RuntimeError):
    """The tables are missing, or of another version than this code needs.

    Attributes:
        found: The version of the tables that are there; None where there are none.
        needed: The version that this code needs.
    """

    found: int | None
    needed: int

    def __str__(self) -> str:
        if self.found is None:
            return "the tables of customer_groups are missing; call create_schema first"
        what_to_do = "call migrate first" if self.found < self.needed else "upgrade the library"
        return (
            f"the tables of customer_groups have version {self.found}, this code needs"
            f" version {self.needed}; {what_to_do}"
        )
