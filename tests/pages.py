"""Programs of several files, shown in the documentation and run by tests."""

import re
from pathlib import Path

__all__ = ["write_files"]

DOCS = Path(__file__).parents[1] / "docs"
FILE = re.compile(r"^```py\n# (?P<path>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def write_files(page: str, folder: Path) -> None:
    """Write the files that a page shows to where the first line of each says.

    A page may show a file in several pieces.
    """
    files: dict[str, list[str]] = {}
    for piece in FILE.finditer((DOCS / page).read_text("utf-8")):
        files.setdefault(piece["path"], []).append(piece["text"])
    for path, pieces in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(pieces), "utf-8")
