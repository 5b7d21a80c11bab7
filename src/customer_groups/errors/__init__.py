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
    │   ├── NotTextError
    │   ├── UnreadableEncodingError
    │   ├── UnknownFormatError
    │   ├── AmbiguousDelimiterError
    │   ├── HeaderNotFoundError
    │   ├── ColumnNotFoundError
    │   ├── SheetNotFoundError
    │   ├── UnreadableWorkbookError
    │   ├── MalformedFileError
    │   └── LimitExceededError
    ├── UnwritableError (ValueError)
    ├── RejectsNotWrittenError (RuntimeError)
    ├── SchemaError (RuntimeError)
    └── StorageError (RuntimeError)
        ├── ConstraintViolatedError
        ├── RetryableConflictError
        ├── OutcomeUnknownError
        └── StorageUnavailableError

Each error carries what it is about as fields, survives pickling and copying,
and says in one line what happened and what to do next.
"""

from customer_groups.errors.base import (
    CustomerGroupsError,
    InvalidCursorError,
    InvalidCustomerCodeError,
    InvalidGroupCodeError,
    InvalidNameError,
    InvalidValueError,
)
from customer_groups.errors.files import (
    AmbiguousDelimiterError,
    ColumnNotFoundError,
    HeaderNotFoundError,
    ImportFileError,
    LimitExceededError,
    MalformedFileError,
    NotTextError,
    RejectsNotWrittenError,
    SheetNotFoundError,
    UnknownFormatError,
    UnreadableEncodingError,
    UnreadableWorkbookError,
    UnwritableError,
)
from customer_groups.errors.groups import (
    AmbiguousCustomerError,
    CodesExhaustedError,
    CustomersRejectedError,
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    StaleGroupError,
)
from customer_groups.errors.storage import (
    ConstraintViolatedError,
    HostTransactionRequiredError,
    OutcomeUnknownError,
    RetryableConflictError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    TransactionClosedError,
)

__all__ = [
    "AmbiguousCustomerError",
    "AmbiguousDelimiterError",
    "CodesExhaustedError",
    "ColumnNotFoundError",
    "ConstraintViolatedError",
    "CustomerGroupsError",
    "CustomersRejectedError",
    "DuplicateCodeError",
    "DuplicateNameError",
    "GroupNotFoundError",
    "HeaderNotFoundError",
    "HostTransactionRequiredError",
    "ImportFileError",
    "InvalidCursorError",
    "InvalidCustomerCodeError",
    "InvalidGroupCodeError",
    "InvalidNameError",
    "InvalidValueError",
    "LimitExceededError",
    "MalformedFileError",
    "NotTextError",
    "OutcomeUnknownError",
    "RejectsNotWrittenError",
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
