"""Errors about groups and their customers."""

import attrs

from customer_groups.errors.base import CustomerGroupsError, shown

__all__ = [
    "AmbiguousCustomerError",
    "CodesExhaustedError",
    "CustomersRejectedError",
    "DuplicateCodeError",
    "DuplicateNameError",
    "GroupNotFoundError",
    "StaleGroupError",
]


@attrs.define
class GroupNotFoundError(CustomerGroupsError, LookupError):
    """No group of this tenant has this code."""

    code: str

    def __str__(self) -> str:
        return f"no customer group has the code {shown(self.code)}; search for it by name"


@attrs.define
class DuplicateCodeError(CustomerGroupsError, ValueError):
    """Another group of this tenant has this code already."""

    code: str

    def __str__(self) -> str:
        return f"a customer group has the code {shown(self.code)} already; choose another code"


@attrs.define
class DuplicateNameError(CustomerGroupsError, ValueError):
    """Another group of this tenant has the same name.

    Attributes:
        name: The name that was asked for.
        code: The code of the group that has it.
    """

    name: str
    code: str

    def __str__(self) -> str:
        return (
            f"the group {shown(self.code)} has the name {shown(self.name)} already,"
            " or one that counts as the same; choose another name"
        )


@attrs.define
class StaleGroupError(CustomerGroupsError, RuntimeError):
    """The group or its members were changed since they were read.

    Attributes:
        code: The code of the group.
        expected: The version that the caller holds: ``version`` of the group, or where its
            members are meant, ``members_version``.
        actual: The one that is stored; another group may have the code and the same version.
    """

    code: str
    expected: int
    actual: int

    def __str__(self) -> str:
        return (
            f"the group {shown(self.code)} was changed meanwhile, or its members were: version"
            f" {self.expected} was expected, version {self.actual} is stored; read it again and"
            " repeat the change"
        )


@attrs.define
class CodesExhaustedError(CustomerGroupsError, RuntimeError):
    """A generator drew only codes that other groups have.

    Attributes:
        collisions: How often that happened.
    """

    collisions: int

    def __str__(self) -> str:
        return (
            f"{self.collisions} times a generated code was taken;"
            " use another prefix, more random characters, or a code of your own"
        )


@attrs.define
class AmbiguousCustomerError(CustomerGroupsError, LookupError):
    """Several customers have this code, so it does not say which one is meant.

    Attributes:
        code: The customer code.
        keys: The keys of the customers that have it, in code-point order.
    """

    code: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{len(self.keys)} customers have the code {shown(self.code)};"
            " name the one that is meant by its key"
        )


@attrs.define
class CustomersRejectedError(CustomerGroupsError, ValueError):
    """Some customers cannot become members, so nothing was stored.

    Attributes:
        rejects: A tuple ``(line, code, outcome)`` for each reject, in input order.
    """

    rejects: tuple[tuple[int, str, str], ...]

    def __str__(self) -> str:
        line, code, outcome = self.rejects[0]
        more = f", and {len(self.rejects) - 1} more" if len(self.rejects) > 1 else ""
        return (
            f"nothing was stored: customer {shown(code)} (number {line}) is {outcome}{more};"
            " correct or leave out these customers"
        )
