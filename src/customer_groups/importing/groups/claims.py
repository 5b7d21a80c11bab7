"""What a row of a table says of a group, before anybody has looked whether it can be so."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import InvalidValueError
from customer_groups.files.cells import Unclear, has_text
from customer_groups.model import Attributes, CustomerGroup, GroupStatus, parse_status
from customer_groups.text import display_name, fold

__all__ = ["GroupClaim", "Refusal", "claim_of"]


@attrs.frozen
class Refusal:
    """Why a row cannot be used.

    Attributes:
        value: What cannot be used.
        reason: Why, for programs.
        message: Why, for people; to be read after the value.
    """

    value: object
    reason: str
    message: str


@attrs.frozen(kw_only=True)
class GroupClaim:
    """What a row says of its group; None for what it leaves open.

    Attributes:
        code: Its code; None only where there is a name.
        name: Its name, as it is stored.
        status: Its status.
        attributes: All its attributes.
    """

    code: GroupCode | None = None
    name: str | None = None
    status: GroupStatus | None = None
    attributes: Attributes | None = None

    def changes_to(self, group: CustomerGroup) -> dict[str, Any]:
        """Return the fields of the group that are not yet what is said, with what is said.

        A group that is found by its name keeps the spelling of it.
        """
        name = None if self.code is None else self.name
        said = {"name": name, "status": self.status, "attributes": self.attributes}
        return {
            field: value
            for field, value in said.items()
            if value is not None and value != getattr(group, field)
        }


def _parse_status(cell: object) -> GroupStatus:
    return parse_status(fold(str(cell)))


def _parse_attributes(cell: object) -> Attributes:
    values = _object(cell) if isinstance(cell, str) else cell
    if not isinstance(values, Mapping):
        reason = 'is not a JSON object, such as {"region": "north"}'
        raise InvalidValueError("attributes", cell, reason)
    try:
        return Attributes(values)
    except InvalidValueError as error:
        raise InvalidValueError("attributes", cell, f"cannot be used: {error}") from None


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return None


_PARSERS: Final = MappingProxyType(
    {
        "code": ("group_code", parse_group_code),
        "name": ("group_name", display_name),
        "status": ("status", _parse_status),
        "attributes": ("attributes", _parse_attributes),
    }
)
"""For each field of a claim the reason of a reject, and what makes a value of a cell."""


def claim_of(cells: tuple[Any, ...]) -> GroupClaim | Refusal:
    """Return what a row says of its group, or why that cannot be said of a group.

    Args:
        cells: The cells for code, name, status and attributes; an empty one says nothing.
    """
    said: dict[str, Any] = {}
    for (field, (reason, parse)), cell in zip(_PARSERS.items(), cells, strict=True):
        if isinstance(cell, Unclear):
            return Refusal(cell.raw, cell.reason, cell.message)
        if has_text([cell]):
            try:
                said[field] = parse(cell)
            except InvalidValueError as error:
                return Refusal(cell, reason, error.reason)
    if "code" in said or "name" in said:
        return GroupClaim(**said)
    return Refusal("", "no_group", "is neither the code nor the name of a group")
