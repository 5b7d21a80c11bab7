"""What the programs need that show how an adapter fails."""

from contextlib import suppress
from datetime import UTC, datetime

from customer_groups.customers import Customer
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidCursorError,
    InvalidValueError,
    OutcomeUnknownError,
    RetryableConflictError,
    StaleGroupError,
    StorageError,
    StorageUnavailableError,
    TransactionClosedError,
)
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.testing.comparison import Interrupted
from customer_groups.text import MatchMode, TextMatch

__all__ = [
    "UTC",
    "Customer",
    "CustomerGroup",
    "DuplicateCodeError",
    "DuplicateNameError",
    "GroupNotFoundError",
    "GroupOrder",
    "GroupQuery",
    "GroupStatus",
    "Interrupted",
    "InvalidCursorError",
    "InvalidValueError",
    "MatchMode",
    "OutcomeUnknownError",
    "RetryableConflictError",
    "StaleGroupError",
    "StorageError",
    "StorageUnavailableError",
    "TextMatch",
    "TransactionClosedError",
    "datetime",
    "suppress",
]
