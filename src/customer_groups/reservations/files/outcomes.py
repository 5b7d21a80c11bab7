"""What becomes of each row of a table of reservations."""

import enum

import attrs

__all__ = ["RowOutcome", "RowReject"]


class RowOutcome(enum.StrEnum):
    """What became of one row."""

    RESERVED = "reserved"
    """Stock is set aside as it says."""
    REPEATED = "repeated"
    """It was imported before, with the same id, and has no second effect."""
    MALFORMED = "malformed"
    """A cell of it cannot be what it has to be."""
    UNKNOWN_GROUP = "unknown_group"
    """There is no such group."""
    INACTIVE_GROUP = "inactive_group"
    """The group is not active, so it gains no stock."""
    INSUFFICIENT = "insufficient"
    """Less than that is free."""
    REQUEST_REUSED = "request_reused"
    """A request with its id asked for something else before."""

    @property
    def is_reject(self) -> bool:
        """Whether somebody should look at it."""
        return self not in {RowOutcome.RESERVED, RowOutcome.REPEATED}


@attrs.frozen
class RowReject:
    """A row that could not be used.

    Attributes:
        line: Where it stands: the physical line that it begins on, from 1.
        value: What is wrong of it; in a report its first 1,000 characters.
        outcome: What became of it.
        reason: Why, for programs: the outcome itself; or where that is ``malformed``, the
            field that cannot be what it has to be, or what was wrong with the line, as a
            `Reject` says it.
        message: Why, for people; to be read after the value.
    """

    line: int
    value: str
    outcome: RowOutcome
    reason: str
    message: str
