"""Customer codes and keys, and group codes, taken for something else."""

import sqlite3
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.codes import GroupCode
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
)
from customer_groups.errors import DuplicateCodeError
from customer_groups.model import CustomerGroup
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.session import SqliteStorage
from gallery.store import SqliteStore

__all__ = ["CASES"]


class FoldingDirectory(InMemoryCustomerDirectory):
    """A directory that takes some codes and keys for equal."""

    def __init__(self, customers: Iterable[Customer], tenant: str) -> None:
        """Take the customers."""
        super().__init__(customers, tenant)
        self.everybody = tuple(self._by_key.values())

    def same(self, text: str) -> str:
        """Return what is compared."""
        return text

    def lookup(self, codes: Collection[CustomerCode]) -> Mapping[CustomerCode, Sequence[Customer]]:
        """Return who has these codes, or similar ones."""
        found = {code: tuple(self.who_has(code)) for code in codes}
        return {code: customers for code, customers in found.items() if customers}

    def who_has(self, code: str) -> Iterable[Customer]:
        """Return who has a code, in the order of the keys."""
        wanted = self.same(code)
        has_it = (c for c in self.everybody if c.code is not None and self.same(c.code) == wanted)
        return sorted(has_it, key=lambda customer: customer.key)


class Numeric(FoldingDirectory):
    """Compares numbers by value."""

    def same(self, text: str) -> str:
        """Return a number without leading zeros."""
        return str(int(text)) if text.isascii() and text.isdigit() else text


class Scientific(FoldingDirectory):
    """Compares what looks like a number as a spreadsheet does."""

    def same(self, text: str) -> str:
        """Return the value of a number."""
        try:
            return str(float(text))
        except ValueError:
            return text


class Caseless(FoldingDirectory):
    """Compares regardless of case."""

    def same(self, text: str) -> str:
        """Return the text without case."""
        return text.casefold()


class Normalising(FoldingDirectory):
    """Compares regardless of the Unicode form."""

    def same(self, text: str) -> str:
        """Return the text in NFC."""
        return unicodedata.normalize("NFC", text)


class Spaceless(FoldingDirectory):
    """Compares regardless of spaces inside."""

    def same(self, text: str) -> str:
        """Return the text with single spaces."""
        return " ".join(text.split())


class Cutting(FoldingDirectory):
    """Compares the first 40 characters."""

    def same(self, text: str) -> str:
        """Return the beginning."""
        return text[:40]


class CodesAsNumbers(SqliteStore):
    """Customer codes are turned into numbers: 00123 is 123."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Numeric(customers, self.tenant)


class CodesAsFloats(SqliteStore):
    """Customer codes went through a spreadsheet: 1E5 is 100000."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Scientific(customers, self.tenant)


class CodesOfAnyCase(SqliteStore):
    """Customer codes are compared in a collation that ignores case."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Caseless(customers, self.tenant)


class CodesNormalised(SqliteStore):
    """Customer codes in another Unicode form are taken for the same."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Normalising(customers, self.tenant)


class CodesWithoutSpaces(SqliteStore):
    """Spaces inside of a customer code are collapsed."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Spaceless(customers, self.tenant)


class CodesCut(SqliteStore):
    """Customer codes are compared in a column of 40 characters."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return Cutting(customers, self.tenant)


class NoInactiveCustomers(SqliteStore):
    """The directory leaves out inactive customers, so they are unknown."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return super().directory_of([customer for customer in customers if customer.active])


class OneCustomerPerCode(SqliteStore):
    """Customers are kept in a dictionary by code, so the last one of a code wins."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        last = {customer.code: customer for customer in customers if customer.code is not None}
        rest = [customer for customer in customers if customer.code is None]
        return super().directory_of([*last.values(), *rest])


class CodelessCustomersLost(SqliteStore):
    """Customers without a code do not exist, not even by their key."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return super().directory_of([c for c in customers if c.code is not None])


class CustomersOfTheFirstDay(SqliteStore):
    """The customers that were there first stay in a cache, though the host has new ones."""

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        fresh = super().directory_of(customers)
        kept: CustomerDirectory = self.storage.remembered.setdefault(self.tenant, fresh)
        return kept


class KeysOfAnyCase(SqliteStorage):
    """Customer keys are stored in a column that ignores case."""

    schema = SqliteStorage.schema.replace(
        "customer TEXT NOT NULL", "customer TEXT NOT NULL COLLATE NOCASE"
    )


class KeysAsNumbers(SqliteStorage):
    """Customer keys are stored in a column of numbers: 007 comes back as 7."""

    schema = SqliteStorage.schema.replace("customer TEXT NOT NULL", "customer NUMERIC NOT NULL")


class CodesAreKeys(SqliteGroups):
    """What is stored is the code that was typed, not the key of its customer."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers whose key is their code."""
        found = super().candidates(values, by_key=by_key)
        return {
            value: [
                Customer(c.code, c.name, c.type, c.active, key=CustomerKey(value))
                for c in customers
            ]
            for value, customers in found.items()
        }


class ByKeyIgnored(SqliteGroups):
    """Keys are looked up as codes."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return who has these values as codes."""
        found = super().candidates(values, by_key=False)
        return found if by_key else dict(found)


class CodeForKey(SqliteGroups):
    """A key that no customer has is tried as a code."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return who has these values as keys, else as codes."""
        found = super().candidates(values, by_key=by_key)
        return {**super().candidates(values, by_key=False), **found} if by_key else found


class KeyForCode(SqliteGroups):
    """A code that no customer has is tried as a key."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return who has these values as codes, else as keys."""
        found = super().candidates(values, by_key=by_key)
        return found if by_key else {**super().candidates(values, by_key=True), **found}


class FirstThousandCodes(SqliteGroups):
    """The service of the host that looks codes up answers for a thousand at once."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return who has the first of these values."""
        return super().candidates(values[:1_000], by_key=by_key)


class GroupCodeAsPattern(SqliteGroups):
    """Groups are fetched by LIKE, and an underscore in a code is any character."""

    def row(self, code: GroupCode) -> sqlite3.Row | None:
        """Return the first group like this."""
        rows = self.session.execute(
            "SELECT * FROM groups WHERE tenant = ? AND code LIKE ? ORDER BY rowid",
            self.tenant,
            code,
        )
        return rows[0] if rows else None


class GroupCodesAsNumbers(SqliteStorage):
    """Group codes are stored in a column of numbers: 0007 comes back as 7."""

    schema = SqliteStorage.schema.replace("code TEXT NOT NULL", "code NUMERIC NOT NULL")


class CodesFreeAfterTheCommit(SqliteGroups):
    """A code is compared with the committed ones as well, so it is free only after a commit."""

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group, if its code was free when the transaction began."""
        with closing(self.session.storage.connect()) as connection:
            committed = connection.execute(
                "SELECT 1 FROM groups WHERE tenant = ? AND code = ?", (self.tenant, group.code)
            ).fetchone()
        if committed is not None:
            raise DuplicateCodeError(group.code)
        super().insert(group)


CASES = cases(
    CodesFreeAfterTheCommit,
    CodesAsNumbers,
    CodesAsFloats,
    CodesOfAnyCase,
    CodesNormalised,
    CodesWithoutSpaces,
    CodesCut,
    NoInactiveCustomers,
    OneCustomerPerCode,
    CodelessCustomersLost,
    CustomersOfTheFirstDay,
    KeysOfAnyCase,
    KeysAsNumbers,
    CodesAreKeys,
    ByKeyIgnored,
    CodeForKey,
    KeyForCode,
    FirstThousandCodes,
    GroupCodeAsPattern,
    GroupCodesAsNumbers,
)
