"""What holds for every import: rejects can be delivered, or nothing is imported."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.errors import InvalidValueError, RejectsNotWrittenError
from customer_groups.files.writing import open_table
from customer_groups.files.xlsx.writing import XlsxWriter
from customer_groups.importing import import_groups_into, import_into
from customer_groups.repository import GroupStore
from customer_groups.searching import get_group, search_groups
from customer_groups.service import create_group

IMPORTS: dict[str, Callable[..., Any]] = {
    "customers": lambda store, source, **options: import_into(
        store, "A", source, column="customer", **options
    ),
    "groups": import_groups_into,
}


@pytest.fixture
def store() -> GroupStore:
    """Return a store with an empty group."""
    store = InMemoryGroupStore(InMemoryStorage(), "t", [Customer("C1")])
    with store.transaction() as work:
        create_group(work, "All", code="A")
    return store


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Return the path of a spreadsheet that puts a customer into that group."""
    path = tmp_path / "list.xlsx"
    with open_table(path, ("group", "customer"), XlsxWriter()) as write_rows:
        write_rows([("All", "C1")])
    return path


def require_unchanged(store: GroupStore) -> None:
    """Fail if there is another group, or a member."""
    with store.transaction() as work:
        assert len(search_groups(work).items) == 1
        assert get_group(work, "A").customers == 0


@pytest.mark.parametrize("imported", IMPORTS)
def test_bytes_for_a_file_of_text_are_refused_beforehand(
    store: GroupStore, sheet: Path, imported: str
) -> None:
    """The rejects of a spreadsheet are one; after the commit it would be too late to say so."""
    with pytest.raises(InvalidValueError, match='mode "wb"'):
        IMPORTS[imported](store, sheet, rejects=io.StringIO())
    require_unchanged(store)


@pytest.mark.parametrize("imported", IMPORTS)
@pytest.mark.parametrize("to_text", [True, False])
def test_an_open_file_takes_what_fits_it(
    store: GroupStore, sheet: Path, imported: str, *, to_text: bool
) -> None:
    """Text goes into a file of text or of bytes, a spreadsheet into one of bytes."""
    source, rejects = (
        ("group,customer\nAll,C1\n", io.StringIO()) if to_text else (sheet, io.BytesIO())
    )
    options = {"format": "delimited"} if to_text else {}
    IMPORTS[imported](store, source, rejects=rejects, **options)
    assert rejects.getvalue()


@pytest.mark.parametrize("imported", IMPORTS)
def test_rejects_cannot_replace_the_list(store: GroupStore, sheet: Path, imported: str) -> None:
    """It would be gone before anybody has corrected it, whatever leads to it."""
    before = sheet.read_bytes()
    link = sheet.with_name("link.xlsx")
    link.symlink_to(sheet)
    for rejects in (sheet, str(sheet), link):
        with pytest.raises(InvalidValueError, match="is the list itself; name another file"):
            IMPORTS[imported](store, sheet, rejects=rejects)
    assert sheet.read_bytes() == before
    require_unchanged(store)


@pytest.mark.parametrize("imported", IMPORTS)
def test_rejects_cannot_replace_an_open_list(store: GroupStore, sheet: Path, imported: str) -> None:
    """A file that the host has opened is one as well; one in memory is not."""
    with sheet.open("rb") as file, pytest.raises(InvalidValueError, match="is the list itself"):
        IMPORTS[imported](store, file, rejects=sheet)
    require_unchanged(store)
    IMPORTS[imported](store, io.BytesIO(sheet.read_bytes()), format="xlsx", rejects=sheet)


@pytest.mark.parametrize("imported", IMPORTS)
@pytest.mark.parametrize(
    ("format", "name", "right"),
    [
        ("delimited", "rejects.xlsx", ".csv"),
        ("delimited", "rejects.JSONL", ".csv"),
        ("jsonl", "rejects.csv", ".jsonl"),
        ("xlsx", "rejects.txt", ".xlsx"),
    ],
)
def test_a_name_that_says_another_format_is_refused(
    *, store: GroupStore, tmp_path: Path, imported: str, format: str, name: str, right: str
) -> None:
    """A spreadsheet that is none could not be opened to be corrected."""
    with pytest.raises(InvalidValueError, match=f"let it end in {right}$"):
        IMPORTS[imported](store, io.BytesIO(), format=format, rejects=tmp_path / name)
    require_unchanged(store)


@pytest.mark.parametrize("name", ["rejects.tsv", "rejects.log", "rejects"])
def test_other_names_are_the_hosts_business(store: GroupStore, tmp_path: Path, name: str) -> None:
    """What we know to be delimited, and what we do not know."""
    import_into(store, "A", "C1\nC2", rejects=str(tmp_path / name))
    assert (tmp_path / name).read_text().startswith("customer code,line")


class FullDisk(io.StringIO):
    """A file that can be opened and not written to."""

    def write(self, text: str, /) -> int:
        """Write nothing but nothing."""
        if text:
            raise OSError(28, "No space left on device")
        return 0


@pytest.mark.parametrize("imported", IMPORTS)
def test_a_report_is_not_lost_with_the_rejects(store: GroupStore, imported: str) -> None:
    """After the commit only the error can carry it; without one the error is the plain one."""
    text = "group,customer\nAll,C1\nAll,N\n"
    with pytest.raises(OSError, match="No space left"):
        IMPORTS[imported](store, text, format="delimited", rejects=FullDisk(), dry_run=True)
    require_unchanged(store)
    with pytest.raises(RejectsNotWrittenError, match=r"is stored.*No space left") as caught:
        IMPORTS[imported](store, text, format="delimited", rejects=FullDisk())
    assert isinstance(caught.value.__cause__, OSError)
    assert [reject.value for reject in caught.value.report.rejects] == ["N"]
    with store.transaction() as work:
        assert get_group(work, "A").customers == 1
