"""The styles of a workbook, as far as they say how numbers are shown."""

from collections.abc import Iterable, Mapping

import attrs

from customer_groups.errors import UnreadableWorkbookError
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.digits import to_number
from customer_groups.files.xlsx.number_formats import (
    NumberFormat,
    built_in_format,
    parse_format,
)
from customer_groups.files.xlsx.xml import Element, parse

__all__ = ["read_formats"]

_MOST_FORMATS = 10_000  # Excel itself allows 250
_MOST_STYLES = 1 << 16  # about what Excel allows


def read_formats(pieces: Iterable[bytes], limits: Limits) -> list[NumberFormat]:
    """Return how numbers are shown, by the number of the style of their cell.

    Args:
        pieces: The part that has the styles.
        limits: How much there may be.

    Raises:
        UnreadableWorkbookError: the part is not well-formed, or has too many styles.
        LimitExceededError: it goes beyond a limit.
    """
    styles = _Styles()
    for _ in parse(pieces, styles.document(), limits):
        pass
    formats = {number: styles.format(number) for number in set(styles.used)}
    return [formats[number] for number in styles.used]


@attrs.define
class _Styles:
    """What the part says.

    Attributes:
        codes: The formats that it writes out, by their numbers.
        used: The number of the format of each style.
        formats: How many formats it writes out, those counted that have the same number.
    """

    codes: dict[int, str] = attrs.field(factory=dict)
    used: list[int] = attrs.field(factory=list)
    formats: int = 0

    def document(self) -> Element:
        formats = Element({"numFmt": Element(starts=self._add_format)})
        used = Element({"xf": Element(starts=self._add_style)})
        return Element({"styleSheet": Element({"numFmts": formats, "cellXfs": used})})

    def _add_format(self, attributes: Mapping[str, str]) -> None:
        self.formats += 1
        _require_few(self.formats, _MOST_FORMATS)
        self.codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")

    def _add_style(self, attributes: Mapping[str, str]) -> None:
        self.used.append(_number(attributes.get("numFmtId", "0")))
        _require_few(len(self.used), _MOST_STYLES)

    def format(self, number: int) -> NumberFormat:
        code = self.codes.get(number)
        return built_in_format(number) if code is None else parse_format(code)


def _require_few(count: int, most: int) -> None:
    if count > most:
        raise UnreadableWorkbookError("it has more styles than any program writes")


def _number(text: str) -> int:
    try:
        return to_number(text)
    except ValueError:
        raise UnreadableWorkbookError("a number format in its styles has no number") from None
