"""Codes for groups that have none, drawn so that they are not those of others in the file."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import groupby

import attrs

from customer_groups.codes import CodeGenerator, GroupCode, parse_group_code
from customer_groups.errors import CodesExhaustedError, InvalidGroupCodeError

__all__ = ["OtherCodes", "codes_among"]


def codes_among(cells: Iterable[object]) -> frozenset[GroupCode]:
    """Return all codes of groups that stand in these cells; in others stands none."""
    codes = set()
    for cell, _ in groupby(cells):
        with suppress(InvalidGroupCodeError):
            codes.add(parse_group_code(cell))  # type: ignore[arg-type] # it refuses what is no text
    return frozenset(codes)


@attrs.frozen
class OtherCodes:
    """Draws codes that do not stand in a file, not even further down.

    Attributes:
        generator: Draws codes.
        in_file: The codes that stand in the file.
    """

    generator: CodeGenerator
    in_file: frozenset[GroupCode]

    def draw(self, next_number: Callable[[str], int]) -> GroupCode:
        """Return a code that is probably free, once there is one that is not in the file.

        Raises:
            CodesExhaustedError: one more code than the file has was drawn in vain.
        """
        draws = len(self.in_file) + 1
        for _ in range(draws):
            code = self.generator.draw(next_number)
            if code not in self.in_file:
                return code
        raise CodesExhaustedError(draws)

    def pass_over(self, next_number: Callable[[str], int]) -> None:
        """Draw a code for nobody: so many numbers are then behind as codes were in use."""
        self.generator.draw(next_number)
