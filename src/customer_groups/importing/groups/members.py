"""The customers of a file on their way into their groups."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.files.cells import Unclear, has_text, shown
from customer_groups.files.records import Record
from customer_groups.files.rejects import Rejects
from customer_groups.importing.groups.changes import GroupChanges
from customer_groups.importing.groups.claims import Refusal, claim_of
from customer_groups.outcomes import Entry, Outcome, well_formed
from customer_groups.text import trim

__all__ = ["Members"]

_ROWS_AT_A_TIME = 10_000

_GroupAndKind = tuple[GroupCode, bool]


def _is_by_key(record: Record) -> bool | None:
    """Return whether a row names its customer by key; None where it names no customer."""
    key, code = record.fields[4:]
    if has_text([key]):
        return True
    return False if has_text([code]) else None


def _group_and_kind(record: Record) -> tuple[tuple[object, ...], bool | None]:
    return record.fields[:4], _is_by_key(record)


@attrs.define
class Members:
    """Adds the customers of rows to their groups, and tells what became of the rows.

    Attributes:
        changes: Makes the groups what the rows say of them.
        rejects: Where rows go that cannot be used.
        outcomes: How many rows with a customer had each outcome.
        rows_without: How many rows name no customer.
        rows_refused: How many rows were not used because of what they say of their group.
    """

    changes: GroupChanges
    rejects: Rejects
    outcomes: Counter[Outcome] = attrs.field(factory=Counter, init=False)
    rows_without: int = attrs.field(default=0, init=False)
    rows_refused: int = attrs.field(default=0, init=False)

    def add_all(self, records: Iterator[Record]) -> None:
        """Add the customers of all rows, thousands at a time."""
        for first in records:
            batch = _Batch(self)
            batch.add(chain([first], islice(records, _ROWS_AT_A_TIME - 1)))
            batch.tell()


@attrs.define
class _Batch:
    """Some of the rows; what is told of them comes in the order of their lines."""

    members: Members
    codes_beside_keys: dict[int, object] = attrs.field(factory=dict, init=False)
    malformed: list[tuple[int, object, str, str]] = attrs.field(factory=list, init=False)
    told: list[tuple[int, str, Outcome]] = attrs.field(factory=list, init=False)

    def add(self, records: Iterator[Record]) -> None:
        """Add the customers, those with the same group at once."""
        changes = self.members.changes
        listed = self._entries_by_group(records)
        meant = self._customers_beside_codes(listed)
        for (code, by_key), entries in listed.items():
            counts = changes.work.groups.add_members(
                code,
                self._agreeing(entries, meant) if by_key else entries,
                at=changes.at,
                by=changes.by,
                by_key=by_key,
                on_outcome=lambda *outcome: self.told.append(outcome),
            )
            self.members.outcomes.update(counts.by_outcome())

    def tell(self) -> None:
        """Set the rejects aside."""
        line = itemgetter(0)
        for malformed in sorted(self.malformed, key=line):
            self.members.rejects.add_malformed(*malformed)
        for outcome in sorted(self.told, key=line):
            self.members.rejects.add_outcome(*outcome)

    def _entries_by_group(self, records: Iterator[Record]) -> Mapping[_GroupAndKind, list[Entry]]:
        """Return the customers by their group, and by whether they are named by key."""
        entries = defaultdict[_GroupAndKind, list[Entry]](list)
        for (cells, by_key), rows in groupby(records, _group_and_kind):
            claim = claim_of(cells)
            code = claim if isinstance(claim, Refusal) else self.members.changes.settle(claim)
            if isinstance(code, Refusal):
                self._refuse(rows, code)
            elif by_key is None:
                self.members.rows_without += sum(1 for _ in rows)
            else:
                values = self._values(rows, by_key=by_key)
                entries[code, by_key] += well_formed(values, self._add_malformed, by_key=by_key)
        return entries

    def _values(self, rows: Iterator[Record], *, by_key: bool) -> Iterator[Entry]:
        for row in rows:
            key, code = row.fields[4:]
            value: Any = key if by_key else code
            if by_key and has_text([code]):
                self.codes_beside_keys[row.line] = code
            if isinstance(value, Unclear):
                self._add_malformed(row.line, value.raw, value.reason, value.message)
            else:
                yield row.line, value

    def _customers_beside_codes(
        self, listed: Mapping[_GroupAndKind, list[Entry]]
    ) -> Mapping[CustomerKey, Customer]:
        """Return the customers with the keys that have a code beside them."""
        entries = chain.from_iterable(listed.values())
        keys = {CustomerKey(key) for line, key in entries if line in self.codes_beside_keys}
        return self.members.changes.work.customers.by_keys(keys) if keys else {}

    def _agreeing(
        self, entries: Iterable[Entry], meant: Mapping[CustomerKey, Customer]
    ) -> Iterator[Entry]:
        """Yield the keys that have no code beside them which is another customer's."""
        for line, key in entries:
            beside = self.codes_beside_keys.get(line)
            customer = meant.get(CustomerKey(key))
            if beside is None or customer is None or _may_be_code_of(customer, beside):
                yield line, key
            else:
                message = f"is not the code of the customer with the key {key}; correct one of them"
                self._add_malformed(line, shown(beside), "key_and_code_differ", message)

    def _refuse(self, rows: Iterator[Record], why: Refusal) -> None:
        for row in rows:
            self.members.rows_refused += 1
            self.malformed.append((row.line, why.value, why.reason, why.message))

    def _add_malformed(self, line: int, value: object, reason: str, message: str) -> None:
        self.members.outcomes[Outcome.MALFORMED] += 1
        self.malformed.append((line, value, reason, message))


def _may_be_code_of(customer: Customer, cell: object) -> bool:
    """Return whether nothing speaks against it: who has no code can have none in the file."""
    is_its_code = isinstance(cell, str) and trim(cell) == customer.code
    return is_its_code or customer.code is None
