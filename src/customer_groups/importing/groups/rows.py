"""The rows of a file, set aside until all of them are known."""

from collections.abc import Iterable, Iterator

from customer_groups.files.cells import Unclear
from customer_groups.files.records import FullRow
from customer_groups.files.spool import Spool

__all__ = ["KeptRows"]


class KeptRows:
    """Rows that can be gone through again and again; on disk, where they are many."""

    def __init__(self) -> None:
        """Begin without any."""
        self._spool = Spool()

    def keep(self, rows: Iterable[FullRow]) -> None:
        """Set rows aside, behind those that are there."""
        for line, cells in rows:
            plain = [_plain(cell) for cell in cells]
            unclear = [
                (place, cell.reason, cell.message)
                for place, cell in enumerate(plain)
                if isinstance(cell, Unclear)
            ]
            texts = [cell.raw if isinstance(cell, Unclear) else cell for cell in plain]
            self._spool.append((line, texts, unclear))

    def __iter__(self) -> Iterator[FullRow]:
        """Yield the rows as they were."""
        for line, cells, unclear in self._spool:
            for place, reason, message in unclear:
                cells[place] = Unclear(cells[place], reason, message)
            yield line, cells

    def clear(self) -> None:
        """Forget all rows."""
        self._spool.clear()

    def close(self) -> None:
        """Discard everything."""
        self._spool.close()


def _plain(cell: object) -> object:
    """Return a cell that JSON can hold, or that says why nobody can know its text."""
    if cell is None or isinstance(cell, str | int | float | list | dict | Unclear):
        return cell
    return Unclear(repr(cell), "not_text", "is not text")
