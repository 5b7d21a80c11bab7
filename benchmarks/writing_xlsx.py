"""Write a million customers as XLSX, beside XlsxWriter's constant-memory mode.

``python benchmarks/writing_xlsx.py`` prints time and peak memory of both (on Linux). The
reference calls ``write_string`` for each cell, and nothing else.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import xlsxwriter
from comparing import argument_parser, compare, measure

from customer_groups.files.writing import open_table
from customer_groups.files.xlsx.writing import XlsxWriter

COLUMNS = ("key", "code", "name")


def customers(size: int) -> Iterator[tuple[str, str, str]]:
    """Yield what is written."""
    return ((f"C{number:07}", f"C{number:07}", f"Customer {number}") for number in range(size))


def write_with_ours(size: str, target: Path) -> Counter[str]:
    """Write as an export does, and return how many rows."""
    with open_table(target, COLUMNS, XlsxWriter()) as write_rows:
        write_rows(customers(int(size)))
    return Counter(rows=int(size))


def write_with_library(size: str, target: Path) -> Counter[str]:
    """Write with XlsxWriter, and return how many rows."""
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for place, row in enumerate(chain([COLUMNS], customers(int(size)))):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text)
    return Counter(rows=int(size))


def main() -> None:
    """Compare, or with ``--run`` run one of the two."""
    options = argument_parser().parse_args()
    if options.run:
        subject, size, target = options.run
        measure(write_with_library if subject == "reference" else write_with_ours, size, target)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(__file__, lambda: str(options.codes), Path(folder, "out.xlsx"), options.rounds)


if __name__ == "__main__":
    main()
