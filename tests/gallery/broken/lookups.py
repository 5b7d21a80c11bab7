"""Wrong answers to who is a member, and of which groups."""

from collections import Counter
from collections.abc import Collection, Mapping

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import GroupNotFoundError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupQuery
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import Condition

__all__ = ["CASES"]


class NoSuchGroupHasNobody(SqliteGroups):
    """Who is a member of a group that does not exist? Nobody, without an error."""

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who is a member."""
        try:
            return super().which_are_members(code, customers)
        except GroupNotFoundError:
            return frozenset()


class AskingNobodyIsFine(SqliteGroups):
    """The question about no customers is answered without looking for the group."""

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who is a member."""
        return super().which_are_members(code, customers) if customers else frozenset()


class AskingNobodyMeansAll(SqliteGroups):
    """The question about no customers is answered for all of them."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        if not customers:
            rows = self.session.execute("SELECT customer FROM members")
            customers = {row["customer"] for row in rows}
        return super().groups_of(customers, status=status)


class StatusOfGroupsIgnored(SqliteGroups):
    """The groups of a customer come with any status."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        return super().groups_of(customers, status=None if status else status)


class OnlyActiveGroups(SqliteGroups):
    """Who asks for the groups of a customer gets the active ones."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        return super().groups_of(customers, status=status or GroupStatus.ACTIVE)


class OnlyThoseWithGroups(SqliteGroups):
    """Customers without a group are left out."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        found = super().groups_of(customers, status=status)
        return {key: groups for key, groups in found.items() if groups}


class RepeatedKeysTwice(SqliteGroups):
    """Who is asked for twice has each group twice."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        times = Counter(customers)
        found = super().groups_of(customers, status=status)
        return {key: groups * times[key] for key, groups in found.items()}


class OnlyKnownCustomers(SqliteGroups):
    """Customers whom the directory does not know any more have no groups."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        known = self.customers.by_keys(customers)
        found = super().groups_of(customers, status=status)
        return {key: groups if key in known else () for key, groups in found.items()}


class GroupsByName(SqliteGroups):
    """The groups of a customer are ordered by their names."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        return {
            key: tuple(sorted(groups, key=lambda group: self.key_of(group.name)))
            for key, groups in super().groups_of(customers, status=status).items()
        }


class HundredGroups(SqliteGroups):
    """Nobody is in more than a hundred groups: the usual size of a page."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        found = super().groups_of(customers, status=status)
        return {key: groups[:100] for key, groups in found.items()}


class GroupsOfOneCall(SqliteGroups):
    """The answer for a customer holds the groups of the one before, too."""

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        found = super().groups_of(customers, status=status)
        together: set[CustomerGroup] = set()
        answer = {}
        for key in sorted(found):
            together.update(found[key])
            answer[key] = tuple(sorted(together, key=lambda group: group.code))
        return answer


class OnlyKnownMembers(SqliteGroups):
    """Who left the directory is no member any more, for whoever asks about single customers."""

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who is a member and a customer."""
        return super().which_are_members(code, customers) & self.customers.by_keys(customers).keys()


class FoundByKnownCustomersOnly(SqliteGroups):
    """A search for the groups of a customer who left the directory finds nothing."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        conditions = super().conditions(query)
        if query.customer is None or self.customers.by_keys([query.customer]):
            return conditions
        return [*conditions, ("0", ())]


CASES = cases(
    OnlyKnownMembers,
    FoundByKnownCustomersOnly,
    NoSuchGroupHasNobody,
    AskingNobodyIsFine,
    AskingNobodyMeansAll,
    StatusOfGroupsIgnored,
    OnlyActiveGroups,
    OnlyThoseWithGroups,
    RepeatedKeysTwice,
    OnlyKnownCustomers,
    GroupsByName,
    HundredGroups,
    GroupsOfOneCall,
)
