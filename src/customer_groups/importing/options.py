"""From the options of an import to the values that it is made of."""

from typing import Any

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.files.formats import DELIMITED, PASTED
from customer_groups.files.reading import Layout
from customer_groups.importing.intake import FileList, ValueList, list_of

__all__ = ["taken_fields", "taken_list", "taken_table"]


def taken_fields(kind: type[attrs.AttrsInstance], options: dict[str, Any]) -> dict[str, Any]:
    """Take the fields of a class out of the options, and return them."""
    names = [field.name for field in attrs.fields(kind) if field.name in options]
    return {name: options.pop(name) for name in names}


def taken_list(
    source: object, options: dict[str, Any], *, pasted: str = PASTED
) -> FileList | ValueList:
    """Return the list that is to be read, and take all that describes it out of the options.

    Args:
        source: Where it comes from.
        options: The options of an import.
        pasted: The format of text, where none is named.

    Raises:
        InvalidValueError, UnknownFormatError: an option cannot be what it is.
    """
    return list_of(
        source,
        Layout(**taken_fields(Layout, options)),
        format=options.pop("format", None),
        pasted=pasted,
        on_progress=options.pop("on_progress", None),
    )


def taken_table(source: object, options: dict[str, Any]) -> FileList:
    """Return the table that is to be read, and take all that describes it out of the options.

    Args:
        source: Where it comes from.
        options: The options of an import.

    Raises:
        InvalidValueError, UnknownFormatError: an option, or the source, cannot be what it is.
    """
    listed = taken_list(source, options, pasted=DELIMITED)
    if not isinstance(listed, FileList):
        reason = "has no columns; pass text, a path or an open file"
        raise InvalidValueError("source", source, reason)
    return listed
