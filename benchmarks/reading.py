"""Lists read, trimmed and checked, beside the parsers alone.

``python benchmarks/reading.py`` writes a list of codes as CSV and as XLSX, and prints how long it
takes until each code was found in its column and checked, and how much memory: beside
``csv.reader``, and beside python-calamine, which has to be installed. XLSX is written twice,
with the texts in one place for all cells, as spreadsheets do, and with them in the cells, as
other programs do; and it is also read for its rows alone, as calamine is.
"""

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import xlsxwriter
from comparing import measure
from python_calamine import CalamineWorkbook

from customer_groups.files.delimited import DelimitedReader
from customer_groups.files.limits import DEFAULT_LIMITS
from customer_groups.files.reading import Findings, Layout, Reader
from customer_groups.files.sources import open_stream
from customer_groups.files.values import read_values
from customer_groups.files.xlsx.reading import XlsxReader
from customer_groups.outcomes import well_formed

T = TypeVar("T")

XLSX = ("python-calamine", "our rows", "ours, checked")
COMPARISONS = {"csv": ("csv.reader", "ours, checked"), "shared.xlsx": XLSX, "inline.xlsx": XLSX}


def write_csv(path: Path, codes: Iterable[str]) -> None:
    """Write codes below a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["code"], *([code] for code in codes)])


def write_xlsx(path: Path, codes: Iterable[str]) -> None:
    """Write codes below a header, their texts where the name of the file says."""
    is_inline = path.name.endswith("inline.xlsx")
    with xlsxwriter.Workbook(path, {"constant_memory": is_inline}) as workbook:
        workbook.add_worksheet().write_column(0, 0, ["code", *codes])


def read(subject: str, path: Path) -> Counter[str]:
    """Read a list in one way, and return its last value: so it was read to its end."""
    if subject == "csv.reader":
        with path.open(encoding="utf-8", newline="") as file:
            value: object = last(csv.reader(file))[0]
    elif subject == "python-calamine":
        value = last(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())[0]
    else:
        reader: Reader = XlsxReader() if path.suffix == ".xlsx" else DelimitedReader()
        layout, findings = Layout(), Findings()
        with open_stream(path, DEFAULT_LIMITS.input_bytes) as stream:
            rows: Iterator[tuple[int, Any]] = reader.rows(stream, layout, findings)
            if subject == "our rows":
                _, (value,) = last(rows)
            else:
                values = read_values(rows, layout, findings)
                _, value = last(well_formed(values, findings.add_unreadable))
    return Counter([str(value)])


def last(items: Iterable[T]) -> T:
    """Return the last item, and take no time of its own for the others."""
    return deque(items, maxlen=1)[0]


def compare(path: Path, subjects: Sequence[str], rounds: int) -> None:
    """Read a list in several ways in turn, and print the medians; the first is the reference."""
    print(path.name)
    found: dict[str, list[dict[str, float]]] = {subject: [] for subject in subjects}
    values = []
    for _ in range(rounds):
        for subject in subjects:
            command = [sys.executable, __file__, "--run", subject, str(path)]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603
            result = json.loads(output)
            values.append(result.pop("counts"))
            found[subject].append(result)
    if any(each != values[0] for each in values):
        raise SystemExit(f"the last values differ: {values}")
    medians = {}
    for subject, runs in found.items():
        medians[subject] = statistics.median(run["seconds"] for run in runs)
        memory = statistics.median(run["mebibytes"] for run in runs)
        ratio = medians[subject] / medians[subjects[0]]
        print(f"{subject:16} {medians[subject]:6.2f} s {memory:6.0f} MiB, ratio {ratio:.2f}")


def main() -> None:
    """Compare, or with ``--run`` read a list in one way."""
    parser = argparse.ArgumentParser(description="Time reading a list, beside parsers alone.")
    parser.add_argument("--codes", type=int, default=1_000_000, help="how long the list is")
    parser.add_argument("--rounds", type=int, default=5, help="how often it is read in each way")
    parser.add_argument("--format", choices=COMPARISONS, action="append", help="only this one")
    parser.add_argument("--run", nargs=2, metavar=("SUBJECT", "LIST"), help="read once")
    options = parser.parse_args()
    if options.run:
        measure(read, *options.run)
        return
    codes = [f"C{number:07}" for number in range(options.codes)]
    with tempfile.TemporaryDirectory() as folder:
        for format in options.format or COMPARISONS:
            path = Path(folder, f"codes.{format}")
            write = write_csv if format == "csv" else write_xlsx
            write(path, codes)
            compare(path, COMPARISONS[format], options.rounds)


if __name__ == "__main__":
    main()
