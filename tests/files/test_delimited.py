"""Delimited text is read strictly, with physical line numbers."""

import csv
import io
import itertools
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import (
    AmbiguousDelimiterError,
    ColumnNotFoundError,
    HeaderNotFoundError,
    InvalidValueError,
    LimitExceededError,
    MalformedFileError,
)
from customer_groups.files.delimited import CANDIDATES, DelimitedReader
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Layout
from lists import EXACT, Listed, values_in


class Pieces:
    """An open file that yields given pieces."""

    def __init__(self, pieces: Iterator[str]) -> None:
        """Take the pieces."""
        self.pieces = pieces

    def read(self, _size: int, /) -> str:
        """Return the next piece."""
        return next(self.pieces)


def read(text: str, layout: Layout = EXACT) -> Listed:
    """Return what delimited text holds."""
    return values_in(DelimitedReader(), text, layout)


def test_a_list_of_codes_needs_no_header() -> None:
    """The first value is a value, whatever letters the codes are made of."""
    values, findings = read("C1\nC2\nC3\n")
    assert values == [(1, "C1"), (2, "C2"), (3, "C3")]
    assert (findings.delimiter, findings.column, findings.header_lines) == (None, 1, 0)


def test_a_header_is_recognised() -> None:
    """It is counted, not imported."""
    values, findings = read("Customer No.\nC1\n")
    assert values == [(2, "C1")]
    assert (findings.delimiter, findings.column) == (None, "Customer No.")
    assert (findings.header_lines, findings.blank_lines) == (1, 0)


@pytest.mark.parametrize("delimiter", CANDIDATES)
def test_the_delimiter_is_the_one_that_fits_most_lines(delimiter: str) -> None:
    """Other candidates may stand in the cells."""
    others = "".join(set(CANDIDATES) - {delimiter})
    text = f"Name{delimiter}Code\nA{delimiter}C1\nB{others}{delimiter}C2\n"
    values, findings = read(text)
    assert values == [(2, "C1"), (3, "C2")]
    assert findings.delimiter == delimiter


def test_decimal_commas_do_not_win_over_semicolons() -> None:
    """Of two that fit, the one with more columns is the delimiter."""
    values, findings = read("C1;1,5;x\nC2;2,5;y\n", Layout(column=1))
    assert values == [(1, "C1"), (2, "C2")]
    assert findings.delimiter == ";"


def test_of_two_that_fit_equally_well_none_is_chosen() -> None:
    """The error names both, and either of them can be said."""
    text = "Umsatz, netto;Code\n1,1;C001\n1,2;C002\n"
    with pytest.raises(AmbiguousDelimiterError) as caught:
        read(text)
    assert str(caught.value) == "the delimiter may be ',' or ';'; name the one that it is"
    assert read(text, Layout(delimiter=";")).values == [(2, "C001"), (3, "C002")]


def test_a_candidate_in_some_lines_is_no_delimiter() -> None:
    """A comma in a code does not cut it."""
    values, findings = read("C1\nC,2\nC3\n")
    assert values == [(1, "C1"), (2, "C,2"), (3, "C3")]
    assert findings.delimiter is None


@pytest.mark.parametrize(
    "text",
    [
        "code,name\nC1,Anna\nC2\nC3,Carl\n",
        "code,name\nC1,Anna,\nC2,Bert,\nC3,Carl,\n",
        "code,name\nC1,Anna\nC2\nC3\n",
    ],
)
def test_an_odd_line_does_not_hide_the_delimiter(text: str) -> None:
    """Missing cells and delimiters at the ends of lines are common."""
    values, findings = read(text)
    assert values == [(2, "C1"), (3, "C2"), (4, "C3")]
    assert findings.delimiter == ","


@pytest.mark.parametrize(("first", "delimiter"), [("sep=;", ";"), ("SEP=#\r", "#")])
def test_a_separator_line_names_the_delimiter(first: str, delimiter: str) -> None:
    """It is a header line; line numbers stay those of the file."""
    values, findings = read(f"{first}\ncode{delimiter}x,y\nC1{delimiter}1,2\n")
    assert values == [(3, "C1")]
    assert (findings.delimiter, findings.header_lines) == (delimiter, 2)


def test_the_delimiter_that_is_named_wins() -> None:
    """A separator line is skipped nevertheless."""
    values, findings = read("sep=;\ncode|a;b\nC1|1;2\n", Layout(delimiter="|"))
    assert values == [(3, "C1")]
    assert findings.delimiter == "|"


@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_the_table_may_begin_in_a_line_that_is_named(first: str) -> None:
    """What stands above it says nothing of delimiters, and may have any quotes."""
    text = f'{first}"Key accounts" 2026, "all\n \nPos;Customer code\n1,5;C1\n"2\n";C2\nx;C3'
    line = 4 if first else 3
    values, findings = read(text, Layout(header=line))
    assert values == [(line + 1, "C1"), (line + 2, "C2"), (line + 4, "C3")]
    assert (findings.delimiter, findings.column) == (";", "Customer code")
    assert (findings.header_lines, findings.blank_lines) == (line - 1, 1)


@pytest.mark.parametrize(("text", "line"), [("code\nC1\n", 3), ("sep=;\ncode\n", 1), ("", 1)])
def test_a_line_that_is_not_there_has_no_header(text: str, line: int) -> None:
    """Nor is the one that names the delimiter a header."""
    with pytest.raises(HeaderNotFoundError):
        read(text, Layout(header=line))


def test_many_lines_above_the_table_are_no_long_record() -> None:
    """Each of them is counted for itself."""
    text = "x\n" * 999 + "code,name\nC1,Anna\n"
    layout = Layout(header=1_000, limits=Limits(record_characters=10))
    assert read(text, layout).values == [(1_001, "C1")]


def test_lines_end_in_any_way() -> None:
    """CR, LF and CRLF, mixed."""
    assert read("C1\rC2\nC3\r\nC4").values == [(1, "C1"), (2, "C2"), (3, "C3"), (4, "C4")]


def test_a_record_stands_where_it_begins() -> None:
    """Quotes may span lines."""
    values, _ = read('code,note\n"C1","a\nb\r\nc"\nC2,d\n')
    assert values == [(2, "C1"), (5, "C2")]


def test_blank_records_are_counted_and_no_values() -> None:
    """Before the header, after it, and with delimiters in them."""
    values, findings = read("\n \ncode,name\nC1,Anna\n\n , \nC2,Bert\n\n")
    assert values == [(4, "C1"), (7, "C2")]
    assert (findings.blank_lines, findings.header_lines) == (5, 1)


@pytest.mark.parametrize("text", ["", "\n", " \r\n\r\n"])
def test_an_empty_file_has_no_values(text: str) -> None:
    """Not even a header, so no column is missed."""
    values, findings = read(text, Layout(column="code"))
    assert values == []
    assert findings.column is None


def test_a_record_without_code_is_not_blank() -> None:
    """Somebody is meant, so it must not get lost: it is found malformed later."""
    values, _ = read("name,code\nAnna,\nBert\nCarl,\x1c\n")
    assert values == [(2, ""), (3, ""), (4, "\x1c")]


def test_a_record_with_too_many_cells_is_an_outcome() -> None:
    """Perhaps a delimiter is not quoted, and the code stands elsewhere."""
    listed = read("name,code\nAnna,C1,,\nBert, jun.,C2\nCarl,C3\n")
    assert listed.values == [(2, "C1"), (4, "C3")]
    assert listed.findings.unreadable == 1
    message = "stands among 3 cells, where the first line has 2"
    assert listed.unreadable == [(3, " jun.", "too_many_cells", message)]


def test_a_value_is_not_cut_by_what_never_separates() -> None:
    """Where there is only one column, no character is a delimiter."""
    values, findings = read("C1\nC2\uffffx\n")
    assert values == [(1, "C1")]
    assert findings.unreadable == 1


def test_the_column_can_be_named_or_counted() -> None:
    """By position there need not be a header."""
    text = "Kunde;Nr\nAnna;C1\n"
    assert read(text, Layout(column="nr")).values == [(2, "C1")]
    assert read(text, Layout(column=2)).values == [(1, "Nr"), (2, "C1")]
    with pytest.raises(ColumnNotFoundError) as caught:
        read(text)
    assert attrs.astuple(caught.value) == (None, ("Kunde", "Nr"))


def test_the_spreadsheet_dialect_takes_one_apostrophe_off() -> None:
    """Off names of columns, values, and values that are rejected."""
    layout = Layout(dialect="spreadsheet", column="=x")
    listed = read("'=x,y\n'=1,a\n''t,a\nC,a\n'=2,b,c\n", layout)
    assert listed.values == [(2, "=1"), (3, "'t"), (4, "C")]
    assert listed.findings.column == "=x"
    assert listed.unreadable[0][1] == "=2"
    assert read("code\n'=1\n").values == [(2, "'=1")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('code\nC1\n"C2\nC3\nC4\n', 3),
        ('code\n"a\nb"\n"C2"x\n', 4),
        ('sep=;\ncode\n"C2', 3),
        ('"C1', 1),
    ],
)
def test_a_broken_record_is_an_error_with_the_line_where_it_begins(text: str, line: int) -> None:
    """An open quote swallows what follows; the last line would say nothing."""
    with pytest.raises(MalformedFileError) as caught:
        read(text)
    assert caught.value.line == line


@pytest.fixture
def short_fields() -> Iterator[int]:
    """Give the csv module a tiny limit, as a host may do, and take it back."""
    before = csv.field_size_limit(10)
    yield 10
    csv.field_size_limit(before)


def test_the_limit_of_the_csv_module_stays_as_the_host_set_it(short_fields: int) -> None:
    """It belongs to the whole process; the error names it, so that the host finds it."""
    with pytest.raises(LimitExceededError) as caught:
        read("code,name\nC1,a very long name\n")
    assert attrs.astuple(caught.value) == ("csv.field_size_limit", short_fields)
    assert csv.field_size_limit() == short_fields


@pytest.mark.parametrize("cells", ["{},C1", "x,{}", '"{}",C1'])
def test_a_cell_has_a_limit(cells: str) -> None:
    """Whether it is a customer code or stands beside one."""
    layout = Layout(delimiter=",", column=2, limits=Limits(field_characters=20))
    text = cells.format("x" * 20)
    assert read(text, layout).values == [(1, text.rpartition(",")[2])]
    with pytest.raises(LimitExceededError) as caught:
        read(cells.format("x" * 21), layout)
    assert attrs.astuple(caught.value) == ("field_characters", 20)


def test_no_cell_is_longer_than_the_csv_module_allows() -> None:
    """Even where the host allows more."""
    layout = Layout(limits=Limits(field_characters=10**6))
    with pytest.raises(LimitExceededError) as caught:
        read("code\n" + "x" * 200_000, layout)
    assert caught.value.limit == "csv.field_size_limit"


def test_a_quote_inside_a_cell_is_part_of_it() -> None:
    """Only a cell that begins with a quote is quoted."""
    values, _ = read('code,size\nab"c,3"\n"a""b",5\n')
    assert values == [(2, 'ab"c'), (3, 'a"b')]


def test_whether_there_is_a_header_can_be_said() -> None:
    """A first code may be called "code", and a header may have any name."""
    assert read("code\nC1\n", Layout(header=False)).values == [(1, "code"), (2, "C1")]
    assert read("Kunde\nC1\n", Layout(header=True)).values == [(2, "C1")]
    assert read("code;x\nC1;y\n", Layout(header=False, column=1)).values == [
        (1, "code"),
        (2, "C1"),
    ]
    assert read("Nr;x\nC1;y\n", Layout(header=True, column=1)).values == [(2, "C1")]
    for names in ("code", ("code", "Nr")):
        with pytest.raises(InvalidValueError, match="no header to find it in"):
            Layout(header=False, column=names)


def test_a_byte_order_mark_goes_only_where_it_is_one() -> None:
    """Elsewhere it is a character of the code, and no customer has that code."""
    values, _ = read("\ufeffcode\n\ufeffC1\nC\ufeff2\n")
    assert values == [(2, "\ufeffC1"), (3, "C\ufeff2")]


def test_a_record_has_a_limit_even_if_it_spans_lines() -> None:
    """Many short fields on many lines may be one endless record."""
    taken: list[str] = []

    def endless() -> Iterator[str]:
        yield "code,x\n"
        for _ in itertools.count():
            taken.append('"\n",' * 10)
            yield taken[-1]

    layout = Layout(delimiter=",", limits=Limits(record_characters=10_000))
    with pytest.raises(LimitExceededError) as caught:
        values_in(DelimitedReader(), Pieces(endless()), layout)
    assert attrs.astuple(caught.value) == ("record_characters", 10_000)
    assert len(taken) < 10_000


def test_the_number_of_columns_has_a_limit() -> None:
    """It is looked at in the first record; longer ones are outcomes."""
    with pytest.raises(LimitExceededError) as caught:
        read("code,a,b", Layout(limits=Limits(columns=2)))
    assert attrs.astuple(caught.value) == ("columns", 2)
    assert read("code,a\n", Layout(limits=Limits(columns=2))).values == []


def test_only_the_beginning_is_sampled() -> None:
    """The delimiter of the first lines is the delimiter of the file."""
    text = "code,name\n" + "C,x\n" * 300 + "C;x;y\n" * 1_000
    values, findings = read(text)
    assert findings.delimiter == ","
    assert values[-1] == (1301, "C;x;y")
    wide = "code,name\n" + f"C,{'x' * 70_000}\n" * 3
    assert len(read(wide).values) == 3


def test_many_short_records_are_no_long_one() -> None:
    """However the text is cut, only what belongs to one record is counted."""
    lines = ["C1\n"] * 1_000
    layout = Layout(limits=Limits(record_characters=10))
    for size in (1, 4, 3_000):
        text = "".join(lines)
        pieces = iter([*(text[start : start + size] for start in range(0, 3_000, size)), ""])
        assert len(values_in(DelimitedReader(), Pieces(pieces), layout).values) == 1_000


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1),
    st.sampled_from(CANDIDATES),
)
def test_what_the_csv_module_writes_is_read(texts: list[str], delimiter: str) -> None:
    """Every text that is not blank comes back, in its order."""
    texts = [text.strip() or "x" for text in texts]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["name", "code"])
    writer.writerows(["n", text] for text in texts)
    values, findings = read(file.getvalue())
    assert [value for _, value in values] == texts
    assert findings.delimiter == delimiter
