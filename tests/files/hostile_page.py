"""The page about hostile files: made from what the tests try, so that it says what is so.

python tests/files/hostile_page.py writes it anew.
"""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/reference/hostile-files.md"

BEGINNING = """# Hostile files

What becomes of files that were made to do harm, or that are not what they seem.
The tests import each of them.
None crashes the process or takes more than 256 MiB, and the slowest workbook took 8 seconds.

## Lists that are text

There are the customers C1 to C9, and the limits are the usual ones.

| a list with | becomes |
|---|---|
"""

BETWEEN = """
## Workbooks

Each is refused; the limit of the ratio is lifted here, which would refuse many of them earlier.

| a workbook with | error | whose message speaks of |
|---|---|---|
"""


def row(*cells: str) -> str:
    """Return a line of a table."""
    return "".join(f"| {cell.replace('|', '&#124;')} " for cell in cells) + "|\n"


def page() -> str:
    """Return the page."""
    from files.hostile_text import HOSTILE_TEXTS  # noqa: PLC0415 - the path is set by then
    from files.xlsx.hostile import GALLERY  # noqa: PLC0415

    texts = (row(each.what, each.becomes) for each in HOSTILE_TEXTS)
    books = (row(name, each.error, each.about) for name, each in GALLERY.items())
    return "".join([BEGINNING, *texts, BETWEEN, *books])


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    PAGE.write_text(page(), "utf-8")
