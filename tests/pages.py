"""Programs of several files, shown in the documentation and run by tests."""

import re
from pathlib import Path

__all__ = ["write_files"]

DOCS = Path(__file__).parents[1] / "docs"
FILE = re.compile(r"^```py\n# (?P<path>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def write_files(page: str, folder: Path) -> None:
    """Write the files that a page shows to where the first line of each says."""
    for file in FILE.finditer((DOCS / page).read_text("utf-8")):
        path = folder / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["text"], "utf-8")
