"""Files of customers are read exactly, and a line that is wrong is named."""

import csv
import io
from collections.abc import Sequence
from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.cli.customer_file import CustomerColumns, read_customers
from customer_groups.customers import Customer
from customer_groups.errors import ColumnNotFoundError, MalformedFileError
from customer_groups.files.reading import Layout
from customer_groups.testing import strategies as values
from customer_groups.text import trim


def read(
    text: str,
    columns: CustomerColumns | None = None,
    *,
    delimiter: str | None = None,
    format: str | None = None,
) -> list[Customer]:
    """Return the customers of a text."""
    layout = Layout(delimiter=delimiter)
    return list(
        read_customers(io.StringIO(text), columns or CustomerColumns(), layout, format=format)
    )


@given(
    st.lists(
        st.builds(
            Customer,
            values.customer_codes() | st.none(),
            st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(trim),
            st.sampled_from(["a", "b, c", None]),
            st.booleans(),
            key=values.customer_keys(),
        )
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_was_written_is_read(customers: list[Customer], delimiter: str) -> None:
    """Every customer comes back as it was, whatever its name holds."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["Code", "NAME", "type", "active", "key"])
    writer.writerows(attrs.astuple(customer) for customer in customers)

    assert read(file.getvalue()) == customers


@pytest.mark.parametrize("yes", ["1", "t", "True", "y", "YES"])
@pytest.mark.parametrize("no", ["0", "f", "False", "n", "NO"])
def test_active_is_yes_or_no(yes: str, no: str) -> None:
    """What people and databases write for yes and no is understood."""
    customers = read(f"code,active\n1,{yes}\n2, {no} \n")

    assert [customer.active for customer in customers] == [True, False]


def test_a_single_column() -> None:
    """A list of codes under a header is enough; white space does not count."""
    text = "number\n 00123 \n\n123\n"

    assert read(text, CustomerColumns(code="number")) == [Customer("00123"), Customer("123")]


def test_the_first_customer_is_no_header() -> None:
    """A file without a header is refused, and its first line is not lost."""
    with pytest.raises(ColumnNotFoundError) as caught:
        read("00001\n00002\n")
    assert (caught.value.column, caught.value.columns) == ("code", ("00001",))


def test_a_column_can_be_named_exactly() -> None:
    """A column that is named must be there, and is taken before a usual one."""
    text = "code,alias,name\n1,A1,One\n"

    assert read(text, CustomerColumns(code="alias")) == [Customer("A1", "One")]
    with pytest.raises(ColumnNotFoundError) as caught:
        read(text, CustomerColumns(type="kind"))
    assert (caught.value.column, caught.value.columns) == ("kind", ("code", "alias", "name"))


def test_a_delimiter_can_be_named() -> None:
    """The header alone may mislead about the delimiter."""
    assert read("code~a,b\n1~2\n", delimiter="~") == [Customer("1")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("code\n1\n\x07\n", 3, "customer code '\\x07' holds U+0007, which is not text"),
        ("code,name\n1,One\n\n,Two\n", 4, "customer code '' is empty"),
        ("code,key\n1,\n", 2, "customer key '' is empty"),
        ("code,active\n1\n", 2, "active '' is neither yes nor no"),
        ('code,name\n1,"a\nb"\n2,c,d\n', 4, "row ['2', 'c', 'd'] are 3 cells, where the first"),
        ('code\n1\n"2\n3\n', 3, "the record that begins here "),
    ],
)
def test_a_wrong_line(text: str, line: int, reason: str) -> None:
    """The error says where the row begins and what is wrong with it."""
    with pytest.raises(MalformedFileError) as caught:
        read(text)

    assert caught.value.line == line
    assert caught.value.reason.startswith(reason)


def test_json_lines() -> None:
    """Each object names its cells; a field that is missing or null is an empty one."""
    text = """\
{"key": "k1", "code": "00001", "name": "One", "type": "Bar", "active": true, "seats": 40}

{"active": "no", "code": null, "key": "k2"}
{"code": "00003", "key": "k3", "active": 1, "name": null}
"""

    assert read(text, format="jsonl") == [
        Customer("00001", "One", "Bar", active=True, key="k1"),
        Customer(None, "", None, active=False, key="k2"),
        Customer("00003", "", None, active=True, key="k3"),
    ]


def test_columns_of_json_lines_can_be_named() -> None:
    """A field that is named must be in the first object."""
    columns = CustomerColumns(code="number", type="kind")
    text = '{"number": "1", "kind": "Bar"}\n{"number": "2"}\n'

    assert read(text, columns, format="jsonl") == [Customer("1", type="Bar"), Customer("2")]
    with pytest.raises(ColumnNotFoundError, match="no column 'kind'"):
        read('{"number": "2"}', columns, format="jsonl")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ('{"code": 2}', "cell 2 is not text"),
        ('{"code": "2", "name": ["Two"]}', "cell ['Two'] is not text"),
        ('{"code": "2", "active": 2}', "active '2' is neither yes nor no"),
        ('{"code": "2"', 'row \'{"code": "2"\' is not JSON'),
        ('"2"', "row '2' stands alone, without columns"),
    ],
)
def test_a_wrong_line_of_json(second: str, reason: str) -> None:
    """What is not text is not made text: nobody knows which zeros a number lost."""
    with pytest.raises(MalformedFileError) as caught:
        read('{"code": "1"}\n' + second, format="jsonl")

    assert (caught.value.line, caught.value.reason) == (2, reason)


def test_values_without_columns() -> None:
    """Pasted text, and JSON Lines of codes alone, do not say what a value is."""
    for text, format in (("code\n1\n", "pasted"), ('"code"\n"1"\n', "jsonl")):
        with pytest.raises(MalformedFileError) as caught:
            read(text, format=format)
        assert caught.value.line == 1


def test_an_empty_file() -> None:
    """A file without a header has no column of codes."""
    with pytest.raises(ColumnNotFoundError):
        read("")


def workbook(*rows: Sequence[object]) -> io.BytesIO:
    """Return a workbook whose second sheet has these rows."""
    openpyxl = pytest.importorskip("openpyxl", reason="install openpyxl")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Customers")
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_workbook() -> None:
    """Rows are read from the sheet that is named; numbers are codes if they are whole."""
    file = workbook(
        ["code", "name", "active"],
        ["00001", "One", True],
        [],
        [2, "Two", 0],
        ["3", None, "no", "a note beside the table"],
    )

    customers = read_customers(file, CustomerColumns(), Layout(sheet="Customers"), format="xlsx")

    assert list(customers) == [
        Customer("00001", "One"),
        Customer("2", "Two", active=False),
        Customer("3", active=False),
    ]


@pytest.mark.parametrize("cell", [1.5, date(2026, 11, 22), 2**60])
def test_a_cell_that_nobody_can_know(cell: object) -> None:
    """What a spreadsheet made of a code is refused, with its line."""
    file = workbook(["code"], ["1"], [], [cell])

    with pytest.raises(MalformedFileError) as caught:
        list(read_customers(file, CustomerColumns(), Layout(sheet=2), format="xlsx"))

    assert caught.value.line == 4


def test_progress_is_told() -> None:
    """Every few thousand rows somebody is told how much was read, and how much there is."""
    content = b"code\n" + b"".join(b"%d\n" % number for number in range(12_000))
    told: list[tuple[int, int | None]] = []

    customers = read_customers(
        io.BytesIO(content),
        CustomerColumns(),
        Layout(),
        on_progress=lambda done, total: told.append((done, total)),
    )

    assert len(list(customers)) == 12_000
    assert len(told) > 2
    assert told == sorted(told)
    assert {total for _, total in told} == {len(content)}
