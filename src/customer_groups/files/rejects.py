"""What an import could not use: set aside while it runs, then told and written."""

import heapq
import json
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from typing import Any, Final, Self

import attrs

from customer_groups.files.damage import damage_of
from customer_groups.files.spool import Spool
from customer_groups.outcomes import REJECTS, WHY_REFUSED, Outcome, Reject

__all__ = ["MOST_REPORTED_CHARACTERS", "Rejects"]

MOST_REPORTED_CHARACTERS: Final = 1_000
"""How much of a value a report has."""

_Record = tuple[int, Any, Outcome, str, str]
"""Line, value as it was read, outcome, reason and message."""


class Rejects:
    """The rejects of one import, by line; a context that discards them.

    Of several on one line, those that are malformed come first.
    """

    def __init__(self, keep: int | None = None) -> None:
        """Begin without any.

        Args:
            keep: How many are kept at least, the first ones; None for all. All are counted.
        """
        self._keep = keep
        # Each finds its rejects in order; but the reader is ahead of who looks at the values,
        # who is ahead of the storage.
        self._unreadable = Spool()
        self._malformed = Spool()
        self._refused = Spool()
        self.malformed = 0
        self.refused = 0

    def add_unreadable(self, line: int, value: object, reason: str, message: str) -> None:
        """Set aside what the reader of a file found no value in."""
        self.malformed += 1
        self._add(self._unreadable, (line, value, Outcome.MALFORMED, reason, message))

    def add_malformed(self, line: int, value: object, reason: str, message: str) -> None:
        """Set aside a value that cannot be a customer code."""
        self.malformed += 1
        self._add(self._malformed, (line, value, Outcome.MALFORMED, reason, message))

    def add_outcome(self, line: int, value: str, outcome: Outcome) -> None:
        """Set aside a value that the storage tells of, if the outcome is a reject."""
        if outcome in REJECTS:
            self.refused += 1
            self._add(self._refused, (line, value, outcome, *_why_refused(value, outcome)))

    def _add(self, spool: Spool, record: _Record) -> None:
        if self._keep is None or len(spool) < self._keep:
            spool.append(record)

    def _spools(self) -> tuple[Spool, ...]:
        return self._unreadable, self._malformed, self._refused

    def clear(self) -> None:
        """Begin again."""
        for spool in self._spools():
            spool.clear()
        self.malformed = 0
        self.refused = 0

    def __len__(self) -> int:
        return self.malformed + self.refused

    def __iter__(self) -> Iterator[tuple[Reject, object]]:
        """Yield what was kept, each with its value as it was read."""
        for record in heapq.merge(*self._spools(), key=itemgetter(0)):
            line, value, outcome, reason, message = record
            text = value if isinstance(value, str) else json.dumps(value)
            yield Reject(line, text, Outcome(outcome), reason, message), value

    def first(self, number: int) -> tuple[Reject, ...]:
        """Return the first rejects, at most as many as are kept; their values are cut."""
        return tuple(_cut(reject) for reject, _ in islice(self, number))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spool in self._spools():
            spool.close()


def _cut(reject: Reject) -> Reject:
    return attrs.evolve(reject, value=reject.value[:MOST_REPORTED_CHARACTERS])


def _why_refused(value: str, outcome: Outcome) -> tuple[str, str]:
    """Return the reason and the message."""
    damage = damage_of(value) if outcome is Outcome.UNKNOWN else None
    if damage is None:
        return outcome.value, WHY_REFUSED[outcome]
    return damage.reason, f"{WHY_REFUSED[outcome]}; it {damage.message}"
