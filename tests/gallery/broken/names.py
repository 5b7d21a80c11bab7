"""Names that are equal and should not be, or the other way round."""

import re
import sqlite3
import string
import unicodedata
from contextlib import closing

import attrs

from customer_groups.errors import DuplicateNameError
from customer_groups.model import CustomerGroup
from customer_groups.text import fold
from gallery.adapter import SqliteGroups
from gallery.cases import WithoutUniqueNames, cases
from gallery.session import SqliteStorage, Value

__all__ = ["CASES"]


class LowercasedNames(SqliteGroups):
    """Names are compared in lower case, where Unicode asks for case folding."""

    def key_of(self, name: str) -> str:
        """Return the name in lower case."""
        return super().key_of(name) if name.isascii() else name.lower()


class AsciiLowercase(SqliteGroups):
    """Only A to Z lose their case, as in SQLite's lower()."""

    def key_of(self, name: str) -> str:
        """Return the name with its ASCII letters in lower case."""
        return name.translate(str.maketrans(string.ascii_uppercase, string.ascii_lowercase))


class ExactNames(SqliteGroups):
    """Only names that are written alike are refused."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has the same text as its name."""
        rows = self.session.execute(
            "SELECT code FROM groups WHERE tenant = ? AND name = ? AND code <> ?",
            self.tenant,
            group.name,
            group.code,
        )
        return rows[0]["code"] if rows else None


class NamesNotNormalised(SqliteGroups):
    """Compatibility forms such as full-width letters and ligatures stay apart."""

    def key_of(self, name: str) -> str:
        """Return the name folded in case only."""
        return super().key_of(name) if name.isascii() else name.casefold()


class AccentsIgnored(SqliteGroups):
    """An accent-insensitive collation: Muller and Müller are the same."""

    def key_of(self, name: str) -> str:
        """Return the key without its marks."""
        parts = unicodedata.normalize("NFD", super().key_of(name))
        return "".join(part for part in parts if not unicodedata.combining(part))


class SpacesKept(SqliteGroups):
    """White space in a key is not collapsed once invisible characters have left it."""

    def key_of(self, name: str) -> str:
        """Return the folded words, with all that stood between them."""
        return "".join(fold(part) or " " for part in re.split(r"(\s)", name)).strip()


class InvisibleKept(SqliteGroups):
    """Characters that nobody sees tell two names apart."""

    def key_of(self, name: str) -> str:
        """Return the name folded, but not without invisible characters."""
        return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class PunctuationIgnored(SqliteGroups):
    """A collation that ignores punctuation: "A-1" and "A 1" and "A1" are the same."""

    def key_of(self, name: str) -> str:
        """Return the letters and digits of the key, if it has any."""
        key = super().key_of(name)
        return re.sub(r"[\W_]", "", key) or key


class NamesCut(SqliteGroups):
    """A column of 50 characters cuts longer names without a word."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return what fits."""
        return (group.name[:50].strip(), *super().columns_of(group)[1:])


class KeysCut(SqliteGroups):
    """Only the first 64 characters of a name are indexed, and so compared."""

    def key_of(self, name: str) -> str:
        """Return the beginning of the key."""
        return super().key_of(name)[:64]


class NamesStoredAsKeys(SqliteGroups):
    """Names are shown as they are compared."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return the key in place of the name."""
        return (self.key_of(group.name), *super().columns_of(group)[1:])


class NamesStoredNormalised(SqliteGroups):
    """Names are stored in NFKC, which is another text."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return the normalised name."""
        return (unicodedata.normalize("NFKC", group.name).strip(), *super().columns_of(group)[1:])


class OwnNameTaken(SqliteGroups):
    """A group cannot be given another spelling of its own name."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has the name, were it the group itself."""
        rows = self.session.execute(
            "SELECT code FROM groups WHERE tenant = ? AND name_key = ? AND name <> ?",
            self.tenant,
            self.key_of(group.name),
            group.name,
        )
        return rows[0]["code"] if rows else super().holder_of(group)


class RenamingUnchecked(SqliteGroups):
    """Only new groups are checked for their names."""

    def refuse_taken_name(self, group: CustomerGroup) -> None:
        """Check new groups."""
        if group.version == 1 and self.row(group.code) is None:
            super().refuse_taken_name(group)


class ConstraintForDuplicate(SqliteGroups):
    """The name is left to the unique index, and its error is not recognised."""

    def refuse_taken_name(self, group: CustomerGroup) -> None:
        """Leave it to the database."""


class OldKeyKept(SqliteGroups):
    """Renaming stores the name, but not its key."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group, and put back its old key."""
        old = self.stored(group.code)["name_key"]
        super().update(group)
        self.session.execute(
            "UPDATE groups SET name_key = ? WHERE tenant = ? AND code = ?",
            old,
            self.tenant,
            group.code,
        )


class WrongHolder(SqliteGroups):
    """The error about a taken name carries the code of the group that asked for it."""

    def refuse_taken_name(self, group: CustomerGroup) -> None:
        """Refuse a taken name."""
        if self.holder_of(group) is not None:
            raise DuplicateNameError(group.name, group.code)


class HolderOfAnotherTenant(SqliteGroups):
    """The holder of a taken name is looked up among all tenants."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has the name first, if somebody of this tenant has it."""
        if super().holder_of(group) is None:
            return None
        rows = self.session.execute(
            "SELECT code FROM groups WHERE name_key = ? ORDER BY rowid", self.key_of(group.name)
        )
        return str(rows[0]["code"])


class NameBeforeCode(SqliteGroups):
    """The name is looked at before the code."""

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        self.refuse_taken_name(group)
        super().add(group)


class InactiveNamesFree(SqliteGroups):
    """A partial index: only active groups have their name to themselves."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return which active group has the name."""
        holder = super().holder_of(group)
        if holder is None:
            return None
        rows = self.session.execute(
            "SELECT status FROM groups WHERE tenant = ? AND code = ?", self.tenant, holder
        )
        return holder if rows[0]["status"] == "active" else None


class DeletedNamesTaken(SqliteGroups):
    """A removed group keeps its name for ever, as soft deletion does."""

    def delete(self, code: str) -> None:
        """Hide a group from everybody but the check of names."""
        self.session.execute(
            "UPDATE groups SET code = code || rowid, tenant = tenant || ' (deleted)'"
            " WHERE tenant = ? AND code = ?",
            self.tenant,
            code,
        )

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return which group has the name, deleted or not."""
        rows = self.session.execute(
            "SELECT code FROM groups WHERE tenant = ? || ' (deleted)' AND name_key = ?",
            self.tenant,
            self.key_of(group.name),
        )
        return rows[0]["code"] if rows else super().holder_of(group)


class NamesTitled(SqliteGroups):
    """Names in small letters are shown in title case, to look nice."""

    def group_of(self, row: sqlite3.Row) -> CustomerGroup:
        """Return a group with a nice name."""
        group = super().group_of(row)
        return attrs.evolve(group, name=group.name.title() if group.name.islower() else group.name)


class CaseInsensitiveColumn(SqliteStorage):
    """The unique index has a collation of its own, besides the key."""

    schema = SqliteStorage.schema.replace(
        "name TEXT NOT NULL", "name TEXT NOT NULL COLLATE NOCASE UNIQUE"
    )


class NamesFreeAfterTheCommit(SqliteGroups):
    """A name is compared with the committed ones as well, so it is free only after a commit."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return which group has the name, or had it when the transaction began."""
        with closing(self.session.storage.connect()) as connection:
            committed = connection.execute(
                "SELECT code FROM groups WHERE tenant = ? AND name_key = ? AND code <> ?",
                (self.tenant, self.key_of(group.name), group.code),
            ).fetchone()
        return super().holder_of(group) or (committed and committed["code"])


CASES = cases(
    NamesFreeAfterTheCommit,
    LowercasedNames,
    AsciiLowercase,
    NamesNotNormalised,
    AccentsIgnored,
    SpacesKept,
    InvisibleKept,
    PunctuationIgnored,
    NamesCut,
    KeysCut,
    NamesStoredAsKeys,
    NamesStoredNormalised,
    OwnNameTaken,
    ConstraintForDuplicate,
    OldKeyKept,
    WrongHolder,
    HolderOfAnotherTenant,
    NameBeforeCode,
    DeletedNamesTaken,
    NamesTitled,
    CaseInsensitiveColumn,
) + cases(ExactNames, RenamingUnchecked, InactiveNamesFree, storage=WithoutUniqueNames)
