"""Every error of the library, in one tree.

.. code-block:: text

    CustomerGroupsError
    ├── InvalidValueError (ValueError)
    │   ├── InvalidNameError
    │   ├── InvalidGroupCodeError
    │   ├── InvalidCustomerCodeError
    │   └── InvalidCursorError
    ├── GroupNotFoundError (LookupError)
    ├── DuplicateCodeError (ValueError)
    ├── DuplicateNameError (ValueError)
    ├── StaleGroupError (RuntimeError)
    ├── CodesExhaustedError (RuntimeError)
    ├── AmbiguousCustomerError (LookupError)
    ├── CustomersRejectedError (ValueError)
    ├── TransactionClosedError (RuntimeError)
    ├── HostTransactionRequiredError (RuntimeError)
    ├── ImportFileError (ValueError)
    │   ├── UnreadableEncodingError
    │   ├── UnknownFormatError
    │   ├── ColumnNotFoundError
    │   ├── SheetNotFoundError
    │   ├── UnreadableWorkbookError
    │   ├── MalformedFileError
    │   └── LimitExceededError
    ├── UnwritableError (ValueError)
    ├── SchemaError (RuntimeError)
    └── StorageError (RuntimeError)
        ├── ConstraintViolatedError
        ├── RetryableConflictError
        ├── OutcomeUnknownError
        └── StorageUnavailableError

Each error carries what it is about as fields, survives pickling and copying,
and says in one line what happened and what to do next.
"""

from typing import Any

import attrs

__all__ = [
    "AmbiguousCustomerError",
    "CodesExhaustedError",
    "ColumnNotFoundError",
    "ConstraintViolatedError",
    "CustomerGroupsError",
    "CustomersRejectedError",
    "DuplicateCodeError",
    "DuplicateNameError",
    "GroupNotFoundError",
    "HostTransactionRequiredError",
    "ImportFileError",
    "InvalidCursorError",
    "InvalidCustomerCodeError",
    "InvalidGroupCodeError",
    "InvalidNameError",
    "InvalidValueError",
    "LimitExceededError",
    "MalformedFileError",
    "OutcomeUnknownError",
    "RetryableConflictError",
    "SchemaError",
    "SheetNotFoundError",
    "StaleGroupError",
    "StorageError",
    "StorageUnavailableError",
    "TransactionClosedError",
    "UnknownFormatError",
    "UnreadableEncodingError",
    "UnreadableWorkbookError",
    "UnwritableError",
]

_SHOWN_CHARACTERS = 60
_SHOWN_SHEETS = 10


class CustomerGroupsError(Exception):
    """The base of every error that this library raises on purpose."""


def _shown(value: object) -> str:
    """Return ``value`` for a message: quoted, and cut where it would flood a log."""
    text = repr(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"


@attrs.define
class InvalidValueError(CustomerGroupsError, ValueError):
    """A value breaks a rule of the model.

    Attributes:
        field: What the value was meant for, in words: ``"name"``, ``"limit"``.
        value: The value as it was given.
        reason: Why it cannot be used, to be read after the value.
        rule: The rule that it breaks, for programs: ``"empty"``, ``"too_long"``,
            ``"not_text"``, ``"bad_character"``, or ``"invalid"`` for any other.
    """

    field: str
    value: Any
    reason: str
    rule: str = "invalid"

    def __str__(self) -> str:
        return f"{self.field} {_shown(self.value)} {self.reason}"


class InvalidNameError(InvalidValueError):
    """A text cannot be the name of a group."""


class InvalidGroupCodeError(InvalidValueError):
    """A text cannot be the code of a group."""


class InvalidCustomerCodeError(InvalidValueError):
    """A text cannot be the code or the key of a customer."""


class InvalidCursorError(InvalidValueError):
    """A cursor is damaged, or belongs to another query, order or tenant."""


@attrs.define
class GroupNotFoundError(CustomerGroupsError, LookupError):
    """No group of this tenant has this code."""

    code: str

    def __str__(self) -> str:
        return f"no customer group has the code {_shown(self.code)}; search for it by name"


@attrs.define
class DuplicateCodeError(CustomerGroupsError, ValueError):
    """Another group of this tenant has this code already."""

    code: str

    def __str__(self) -> str:
        return f"a customer group has the code {_shown(self.code)} already; choose another code"


@attrs.define
class DuplicateNameError(CustomerGroupsError, ValueError):
    """Another group of this tenant has the same name.

    Attributes:
        name: The name that was asked for.
        code: The code of the group that has it.
    """

    name: str
    code: str

    def __str__(self) -> str:
        return (
            f"the group {_shown(self.code)} has the name {_shown(self.name)} already,"
            " or one that counts as the same; choose another name"
        )


@attrs.define
class StaleGroupError(CustomerGroupsError, RuntimeError):
    """The group was changed since it was read.

    Attributes:
        code: The code of the group.
        expected: The version that the caller holds.
        actual: The version that is stored.
    """

    code: str
    expected: int
    actual: int

    def __str__(self) -> str:
        return (
            f"the group {_shown(self.code)} was changed meanwhile: version {self.expected} was"
            f" expected, version {self.actual} is stored; read it again and repeat the change"
        )


@attrs.define
class CodesExhaustedError(CustomerGroupsError, RuntimeError):
    """A generator drew only codes that other groups have.

    Attributes:
        collisions: How often that happened.
    """

    collisions: int

    def __str__(self) -> str:
        return (
            f"{self.collisions} times a generated code was taken;"
            " use another prefix, more random characters, or a code of your own"
        )


@attrs.define
class AmbiguousCustomerError(CustomerGroupsError, LookupError):
    """Several customers have this code, so it does not say which one is meant.

    Attributes:
        code: The customer code.
        keys: The keys of the customers that have it, in code-point order.
    """

    code: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{len(self.keys)} customers have the code {_shown(self.code)};"
            " name the one that is meant by its key"
        )


@attrs.define
class CustomersRejectedError(CustomerGroupsError, ValueError):
    """Some customers cannot become members, so nothing was stored.

    Attributes:
        rejects: A tuple ``(line, code, outcome)`` for each reject, in input order.
    """

    rejects: tuple[tuple[int, str, str], ...]

    def __str__(self) -> str:
        line, code, outcome = self.rejects[0]
        more = f", and {len(self.rejects) - 1} more" if len(self.rejects) > 1 else ""
        return (
            f"nothing was stored: customer {_shown(code)} (number {line}) is {outcome}{more};"
            " correct or leave out these customers"
        )


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


class ImportFileError(CustomerGroupsError, ValueError):
    """A file or text cannot be read as a list of customer codes."""


@attrs.define
class UnreadableEncodingError(ImportFileError):
    """The bytes are not text in the expected encoding.

    Attributes:
        encoding: The encoding that was tried.
        offset: How many bytes stand before the first one that does not fit.
        likely: An encoding to try, or None.
    """

    encoding: str
    offset: int
    likely: str | None = None

    def __str__(self) -> str:
        hint = f', perhaps encoding="{self.likely}"' if self.likely else ""
        return f"not {self.encoding} at byte {self.offset}; name the encoding that it has{hint}"


@attrs.define
class UnknownFormatError(ImportFileError):
    """The format of a file is not named and cannot be told, or is not known.

    Attributes:
        name: The format, file name or suffix in question.
        formats: The formats that can be named.
    """

    name: str
    formats: tuple[str, ...]

    def __str__(self) -> str:
        known = ", ".join(self.formats)
        return f"the format of {_shown(self.name)} is not known; name one of: {known}"


@attrs.define
class ColumnNotFoundError(ImportFileError):
    """The column with the customer codes is not there, or not to be told from others.

    Attributes:
        column: The column that was asked for, or the names that it might have had; None
            where it was to be recognised.
        columns: The columns that are there, or those that could be meant.
    """

    column: str | int | tuple[str, ...] | None
    columns: tuple[str, ...]

    def __str__(self) -> str:
        there = ", ".join(map(_shown, self.columns))
        if not self.columns:
            return "there are no columns, because there is no line; check the file"
        if self.column is None:
            return f"which column holds the customer codes is not clear; name one of: {there}"
        names = self.column if isinstance(self.column, tuple) else (self.column,)
        asked = " or ".join(map(_shown, names))
        if self.columns[0] in names:
            return f"several columns are called {asked}; give the position instead: {there}"
        return f"there is no column {asked}; name one of: {there}"


@attrs.define
class SheetNotFoundError(ImportFileError):
    """A workbook does not have the sheet that was asked for.

    Attributes:
        sheet: The name or the position that was asked for; None for the first visible sheet.
        sheets: The names of the sheets that can be read, in the order of the workbook.
    """

    sheet: str | int | None
    sheets: tuple[str, ...]

    def __str__(self) -> str:
        if not self.sheets:
            return "there is no sheet with cells in this workbook; check the file"
        there = ", ".join(map(_shown, self.sheets[:_SHOWN_SHEETS]))
        more = ", ..." if len(self.sheets) > _SHOWN_SHEETS else ""
        if self.sheet is None:
            return f"all sheets are hidden; name one of: {there}{more}"
        return f"there is no sheet {_shown(self.sheet)}; name one of: {there}{more}"


@attrs.define
class UnreadableWorkbookError(ImportFileError):
    """A file is not a workbook that can be read, or not one that is safe to read.

    Attributes:
        reason: What is wrong with it, or with which part of it.
    """

    reason: str

    def __str__(self) -> str:
        return (
            f"the workbook cannot be read: {self.reason};"
            " save it as .xlsx, without a password, and import that"
        )


@attrs.define
class MalformedFileError(ImportFileError):
    """The file breaks the rules of its own format.

    Attributes:
        line: The physical line, counted from 1, where that begins.
        reason: What is wrong there.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}; correct the file and import it again"


@attrs.define
class LimitExceededError(ImportFileError):
    """The input is larger than the host allows.

    Attributes:
        limit: The name of the limit.
        maximum: Its value.
    """

    limit: str
    maximum: int

    def __str__(self) -> str:
        return (
            f"the input exceeds the limit {self.limit} ({self.maximum});"
            " split it, or raise that limit"
        )


@attrs.define
class UnwritableError(CustomerGroupsError, ValueError):
    """The format of a file cannot hold what is to be written.

    Attributes:
        row: The row of the file, counted from 1.
        column: The name of the column; None where it is not about a single cell.
        reason: What does not fit.
    """

    row: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        place = f"row {self.row}"
        if self.column is not None:
            place = f"{place}, column {_shown(self.column)}"
        return f"{place}: {self.reason}; write less, or another format, such as csv"


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
