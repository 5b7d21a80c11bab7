"""The formats that we read, by name."""

from collections.abc import Mapping
from typing import Final

from customer_groups.files.delimited import DelimitedReader
from customer_groups.files.json_lines import JsonLinesReader
from customer_groups.files.pasted import PastedReader
from customer_groups.files.reading import Reader
from customer_groups.files.xlsx.reading import XlsxReader

__all__ = ["READERS"]

_ALL: Final[tuple[Reader, ...]] = (
    PastedReader(),
    DelimitedReader(),
    XlsxReader(),
    JsonLinesReader(),
)

READERS: Final[Mapping[str, Reader]] = {reader.name: reader for reader in _ALL}
