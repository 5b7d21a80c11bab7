"""Files of customers are read exactly, and a line that is wrong is named."""

import csv
import io

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
    text: str, columns: CustomerColumns | None = None, delimiter: str | None = None
) -> list[Customer]:
    """Return the customers of a text."""
    found = read_customers(
        io.StringIO(text),
        columns or CustomerColumns(),
        Layout(delimiter=delimiter),
        on_progress=lambda _done, _total: None,
    )
    return list(found)


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
        ('code,name\n1,"a\nb"\n2,c,d\n', 4, "there are 3 cells, where the header has 2"),
        ('code\n1\n"2\n3\n', 3, "the record that begins here has a wrong quote, or a cell"),
    ],
)
def test_a_wrong_line(text: str, line: int, reason: str) -> None:
    """The error says where the row begins and what is wrong with it."""
    with pytest.raises(MalformedFileError) as caught:
        read(text)

    assert caught.value.line == line
    assert caught.value.reason.startswith(reason)


def test_an_empty_file() -> None:
    """A file without a header has no column of codes."""
    with pytest.raises(ColumnNotFoundError):
        read("")


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
    assert len(told) == 2
    assert told == sorted(told)
    assert {total for _, total in told} == {len(content)}
