"""Series of numbers that repeat, mix or begin wrongly."""

from collections.abc import Iterator
from contextlib import contextmanager

from customer_groups.customers import CustomerDirectory
from customer_groups.errors import InvalidValueError
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.session import Session

__all__ = ["CASES"]


class NumberFromCount(SqliteGroups):
    """The next number is one more than there are groups."""

    def next_number(self, series: str) -> int:
        """Return the number of groups and one."""
        super().next_number(series)
        rows = self.session.execute("SELECT count(*) FROM groups WHERE tenant = ?", self.tenant)
        return int(rows[0][0]) + 1


class NumberFromLargestCode(SqliteGroups):
    """The next number is one more than the largest that is in a code."""

    def next_number(self, series: str) -> int:
        """Return the largest number in a code and one."""
        super().next_number(series)
        rows = self.session.execute("SELECT code FROM groups WHERE tenant = ?", self.tenant)
        digits = ("".join(c for c in row["code"] if c.isdigit()) for row in rows)
        return max((int(each) for each in digits if each), default=0) + 1


class OneSeries(SqliteGroups):
    """All series of a tenant are one."""

    def next_number(self, series: str) -> int:
        """Return the next number of the only series."""
        return super().next_number(series and "all")


class BeginsWithZero(SqliteGroups):
    """A series begins with zero."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        return super().next_number(series) - 1


class SeriesOfAnyCase(SqliteGroups):
    """Series whose names differ in case are one."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        return super().next_number(series.lower())


class SeriesTrimmed(SqliteGroups):
    """The name of a series is trimmed instead of refused."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        return super().next_number(series.strip())


class SeriesAnything(SqliteGroups):
    """Any text may be the name of a series."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        try:
            return super().next_number(series)
        except InvalidValueError:
            return super().next_number("other")


class SeriesCut(SqliteGroups):
    """The name of a series is stored in a column of 20 characters."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        return super().next_number(series[:20].strip() if len(series) <= 64 else series)


class NumbersOfTheProcess(SqliteGroups):
    """Numbers are counted in a repository, and begin again in the next transaction."""

    drawn = 0

    def next_number(self, series: str) -> int:
        """Return the next number."""
        super().next_number(series)
        self.drawn += 1
        return self.drawn


class NumbersReturned(SqliteGroups):
    """Removing a group gives numbers back."""

    def delete(self, code: str) -> None:
        """Delete a group, and forget the series."""
        self.session.execute("DELETE FROM numbers WHERE tenant = ?", self.tenant)
        self.session.execute("DELETE FROM groups WHERE tenant = ? AND code = ?", self.tenant, code)


class NumbersWrap(SqliteGroups):
    """A series begins again after 99."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        return (super().next_number(series) - 1) % 99 + 1


class UndoneContextForgetsNumbers(SqliteGroups):
    """An undone context gives back the numbers that were drawn before it, too."""

    def __init__(self, session: Session, tenant: str, customers: CustomerDirectory) -> None:
        """Remember which numbers are drawn."""
        super().__init__(session, tenant, customers)
        self.drawn: list[str] = []

    def next_number(self, series: str) -> int:
        """Return the next number."""
        number = super().next_number(series)
        self.drawn.append(series)
        return number

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that forgets too much."""
        before = tuple(self.drawn)
        try:
            with super().atomic():
                yield
        except BaseException:
            self.drawn.clear()
            for series in before:
                self.session.execute(
                    "UPDATE numbers SET last = last - 1 WHERE tenant = ? AND series = ?",
                    self.tenant,
                    series,
                )
            raise


CASES = cases(
    UndoneContextForgetsNumbers,
    NumberFromCount,
    NumberFromLargestCode,
    OneSeries,
    BeginsWithZero,
    SeriesOfAnyCase,
    SeriesTrimmed,
    SeriesAnything,
    SeriesCut,
    NumbersOfTheProcess,
    NumbersReturned,
    NumbersWrap,
)
