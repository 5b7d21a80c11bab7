"""The groups themselves: frozen values and their transitions."""

import enum
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.errors import InvalidValueError
from customer_groups.text import display_name, one_of, plain_text, refuse_unsafe

__all__ = [
    "Attributes",
    "CustomerGroup",
    "GroupStatus",
    "Membership",
    "parse_actor",
    "parse_status",
    "parse_time",
    "time_or_now",
]

MAX_ATTRIBUTES = 50
MAX_ATTRIBUTE_KEY_LENGTH = 64
MAX_ATTRIBUTE_VALUE_LENGTH = 1_000
MAX_ACTOR_LENGTH = 140
LATEST_TIME = datetime(9000, 1, 1, tzinfo=UTC)  # so that a later one can always be stored


def parse_time(time: datetime) -> datetime:
    """Return the same moment in UTC.

    Raises:
        InvalidValueError: ``time`` is not a datetime, does not say in which time zone it is,
            or is not within the years 1 to 8999 in UTC.
    """
    if not isinstance(time, datetime):
        raise InvalidValueError("time", time, "is not a datetime")
    if time.utcoffset() is None:
        raise InvalidValueError(
            "time", time.isoformat(), "has no time zone; pass an aware datetime"
        )
    if time > LATEST_TIME:
        raise InvalidValueError("time", time.isoformat(), "is after the year 8999")
    try:
        return time if time.tzinfo is UTC else time.astimezone(UTC)
    except OverflowError:
        raise InvalidValueError("time", time.isoformat(), "is before the year 1") from None


def time_or_now(time: datetime | None) -> datetime:
    """Return the same moment in UTC; None means now.

    Raises:
        InvalidValueError: as for `parse_time`.
    """
    return datetime.now(UTC) if time is None else parse_time(time)


def parse_actor(actor: str | None) -> str | None:
    """Return who made a change, trimmed: 1 to 140 characters, or None for nobody in particular.

    Raises:
        InvalidValueError: it is empty, too long, or holds a control character, surrogate or
            non-character.
    """
    return None if actor is None else plain_text("actor", actor, MAX_ACTOR_LENGTH)


class Attributes(Mapping[str, str]):
    """The host's own fields of a group: an immutable, hashable mapping of text to text.

    At most 50 entries; keys of 1 to 64 characters, trimmed, and values of 0 to 1,000; none of
    them a control character, surrogate or non-character. Iterates in the order of the keys.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        """Check and keep a copy of ``values``.

        Raises:
            InvalidValueError: one of the limits is exceeded.
        """
        given = {} if values is None else values
        if len(given) > MAX_ATTRIBUTES:
            raise InvalidValueError("attributes", len(given), f"are more than {MAX_ATTRIBUTES}")
        self._values: dict[str, str] = {}
        for key, value in sorted(_parse_attribute(*item) for item in given.items()):
            if key in self._values:
                raise InvalidValueError("attribute key", key, "stands twice, but for white space")
            self._values[key] = value

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Attributes({self._values!r})"


def _parse_attribute(key: str, value: str) -> tuple[str, str]:
    key = plain_text("attribute key", key, MAX_ATTRIBUTE_KEY_LENGTH)
    if not isinstance(value, str):
        raise InvalidValueError(f"attribute {key}", value, "is not text")
    refuse_unsafe(f"attribute {key}", value, MAX_ATTRIBUTE_VALUE_LENGTH)
    return key, value


class GroupStatus(enum.StrEnum):
    """Whether a group has an effect."""

    ACTIVE = "active"
    INACTIVE = "inactive"


def parse_status(status: str) -> GroupStatus:
    """Return the status that a text names.

    Raises:
        InvalidValueError: it names none.
    """
    return one_of(GroupStatus, "status", status)


def _parse_version(version: int) -> int:
    if type(version) is not int or version < 1:
        raise InvalidValueError("version", version, "is not a whole number from 1")
    return version


@attrs.frozen
class CustomerGroup:
    """A set of customers under a code and a name. It does not hold its members.

    The transitions return a new value, or the group itself where nothing changes. None of
    them raises ``version``: storing does.

    Attributes:
        code: Unique within the tenant, canonical, never changed.
        name: Unique within the tenant by `name_key`, as `display_name` gives it.
        created_at: When the group was made, in UTC.
        created_by: Who made it.
        updated_at: When the group itself last changed; changes of its members do not count.
        updated_by: Who changed it.
        status: An inactive group keeps its members and may be edited, but has no effect.
        version: Counts the stored changes of the group, from 1.
        attributes: The host's own fields.
    """

    code: GroupCode = attrs.field(converter=parse_group_code)
    name: str = attrs.field(converter=display_name)
    created_at: datetime = attrs.field(converter=parse_time)
    created_by: str | None = attrs.field(default=None, converter=parse_actor)
    updated_at: datetime = attrs.field(converter=parse_time, kw_only=True)
    updated_by: str | None = attrs.field(converter=parse_actor, kw_only=True)
    status: GroupStatus = attrs.field(
        default=GroupStatus.ACTIVE, converter=parse_status, kw_only=True
    )
    version: int = attrs.field(default=1, converter=_parse_version, kw_only=True)
    attributes: Attributes = attrs.field(factory=Attributes, converter=Attributes, kw_only=True)

    @updated_at.default
    def _created_at(self) -> datetime:
        return self.created_at

    @updated_by.default
    def _created_by(self) -> str | None:
        return self.created_by

    @property
    def created(self) -> tuple[datetime, str | None]:
        """When and by whom the group was made; no transition changes it."""
        return (self.created_at, self.created_by)

    @property
    def is_active(self) -> bool:
        """Whether the group has an effect."""
        return self.status is GroupStatus.ACTIVE

    def renamed(self, name: str, *, at: datetime, by: str | None = None) -> "CustomerGroup":
        """Return the group under another name.

        Raises:
            InvalidNameError: ``name`` cannot be the name of a group.
        """
        return self._changed(attrs.evolve(self, name=name), at, by)

    def activated(self, *, at: datetime, by: str | None = None) -> "CustomerGroup":
        """Return the group with an effect."""
        return self._changed(attrs.evolve(self, status=GroupStatus.ACTIVE), at, by)

    def deactivated(self, *, at: datetime, by: str | None = None) -> "CustomerGroup":
        """Return the group without an effect."""
        return self._changed(attrs.evolve(self, status=GroupStatus.INACTIVE), at, by)

    def with_attributes(
        self, attributes: Mapping[str, str], *, at: datetime, by: str | None = None
    ) -> "CustomerGroup":
        """Return the group with these attributes in place of all it had.

        Raises:
            InvalidValueError: a limit of `Attributes` is exceeded.
        """
        return self._changed(attrs.evolve(self, attributes=attributes), at, by)

    def _changed(self, other: "CustomerGroup", at: datetime, by: str | None) -> "CustomerGroup":
        return self if other == self else attrs.evolve(other, updated_at=at, updated_by=by)


@attrs.frozen
class Membership:
    """One customer in one group.

    Attributes:
        group: The code of the group.
        customer: The key of the customer.
        added_at: Since when, in UTC.
        added_by: Who added the customer.
    """

    group: GroupCode = attrs.field(converter=parse_group_code)
    customer: CustomerKey = attrs.field(converter=parse_customer_key)
    added_at: datetime = attrs.field(converter=parse_time)
    added_by: str | None = attrs.field(default=None, converter=parse_actor)
