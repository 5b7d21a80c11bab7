"""Series of numbers that repeat, mix or begin wrongly."""

from customer_groups.errors import InvalidValueError
from gallery.adapter import SqliteGroups
from gallery.cases import cases

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


CASES = cases(
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
