"""How commands tell what became of a list of customers."""

from collections.abc import Sequence

from customer_groups.cli.result import Table
from customer_groups.outcomes import OutcomeCounts, Reject

__all__ = ["note_on_rejects", "tables_of_outcomes"]

_SHOWN_REJECTS = 10


def tables_of_outcomes(counts: OutcomeCounts, rejects: Sequence[Reject]) -> tuple[Table, ...]:
    """Return a table of the outcomes that happened, and one of the first rejects.

    Args:
        counts: How often each outcome happened.
        rejects: The rejects.
    """
    happened = [(outcome, count) for outcome, count in counts.by_outcome().items() if count]
    outcomes = Table(("outcome", "values"), happened)
    if not rejects:
        return (outcomes,)
    shown = [(reject.line, reject.value, reject.reason) for reject in rejects[:_SHOWN_REJECTS]]
    return (outcomes, Table(("line", "value", "reject"), shown))


def note_on_rejects(counts: OutcomeCounts, advice: str) -> str:
    """Return a sentence about the rejects that are not shown; empty if all are.

    Args:
        counts: How often each outcome happened.
        advice: How to get at them.
    """
    hidden = counts.rejected - _SHOWN_REJECTS
    return f"{hidden:,} more rejects; {advice}." if hidden > 0 else ""
