"""Lists of customers are imported from every source, and nothing is lost on the way."""

import contextlib
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.codes import parse_group_code
from customer_groups.customers import Customer
from customer_groups.errors import (
    ColumnNotFoundError,
    GroupNotFoundError,
    InvalidGroupCodeError,
    InvalidValueError,
    LimitExceededError,
    MalformedFileError,
    RetryableConflictError,
    UnknownFormatError,
    UnreadableEncodingError,
)
from customer_groups.files.delimited_writer import DelimitedWriter
from customer_groups.files.dialects import Dialect
from customer_groups.files.limits import Limits
from customer_groups.files.writing import open_table
from customer_groups.importing import (
    Detected,
    ImportMode,
    ImportReport,
    import_customers,
    import_into,
)
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Outcome, OutcomeCounts, Reject
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group

T = TypeVar("T")

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
CUSTOMERS = [
    *(Customer(f"C{number}") for number in range(1, 10)),
    Customer("00123"),
    Customer("Zoë"),
    Customer("=1+1"),
    Customer("TWO", key="k1"),
    Customer("TWO", key="k2"),
    Customer("OLD", active=False),
]


class ConflictingStore(InMemoryGroupStore):
    """A store in which another transaction is in the way of the first two attempts."""

    def run(self, operation: Callable[[Any], T]) -> T:
        """Let two attempts fail after all their work is done."""
        for _ in range(2):
            with contextlib.suppress(RetryableConflictError), self.transaction() as work:
                operation(work)
                raise RetryableConflictError("another transaction was first")
        return super().run(operation)


@pytest.fixture
def store() -> ConflictingStore:
    """Return a store with an empty group A."""
    store = ConflictingStore(InMemoryStorage(), "t", CUSTOMERS)
    with store.transaction() as work:
        work.groups.add(CustomerGroup("A", "All", MOMENT))
    return store


@pytest.fixture
def work(store: ConflictingStore) -> Iterator[UnitOfWork]:
    """Yield an open unit of work."""
    with store.transaction() as work:
        yield work


def members(work: UnitOfWork) -> list[str]:
    """Return the keys of the members of the group A."""
    page = work.groups.members(parse_group_code("A"), limit=1_000)
    return [membership.customer for membership in page.items]


def total(counts: OutcomeCounts) -> int:
    """Return how many values had an outcome."""
    return sum(counts.by_outcome().values())


def test_a_report_says_what_became_of_each_value(work: UnitOfWork) -> None:
    """Every value has one outcome, and the rejects say where and why."""
    report = import_customers(work, " a ", "C1,C2;C1\nNONE\tTWO\n\n\x07\nOLD", at=MOMENT, by="anna")
    counts = OutcomeCounts(
        malformed=1, duplicate=1, unknown=1, ambiguous=1, inactive=1, added=2, at=MOMENT
    )
    assert report == ImportReport(
        group=parse_group_code("A"),
        group_created_at=MOMENT,
        mode=ImportMode.ADD,
        counts=counts,
        values=7,
        blank_lines=1,
        header_lines=0,
        rejects=(
            Reject(2, "NONE", Outcome.UNKNOWN, "unknown", "no customer has it"),
            Reject(2, "TWO", Outcome.AMBIGUOUS, "ambiguous", "several customers have it"),
            Reject(
                4, "\x07", Outcome.MALFORMED, "bad_character", "holds U+0007, which is not text"
            ),
            Reject(5, "OLD", Outcome.INACTIVE, "inactive", "the customer is not active"),
        ),
        leaving=(),
        dry_run=False,
        detected=Detected(format="pasted"),
    )
    assert members(work) == ["C1", "C2"]
    (membership, _) = work.groups.members(parse_group_code("A"), limit=10).items
    assert (membership.added_at, membership.added_by) == (MOMENT, "anna")


def test_a_second_import_adds_nothing(work: UnitOfWork) -> None:
    """Those who are members already are counted, not rejected."""
    import_customers(work, "A", "C1\nC2")
    report = import_customers(work, "A", "C1\nC2\nC3")
    assert (report.counts.already_member, report.counts.added) == (2, 1)
    assert report.rejects == ()


def test_no_time_means_now(work: UnitOfWork) -> None:
    """The only place where a clock is read."""
    before = datetime.now(UTC)
    at = import_customers(work, "A", "C1").counts.at
    assert at is not None
    assert before <= at <= datetime.now(UTC)


def test_a_string_is_never_a_path(
    work: UnitOfWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if there is a file with this name."""
    (tmp_path / "C1").write_text("C2")
    monkeypatch.chdir(tmp_path)
    import_customers(work, "A", "C1")
    assert members(work) == ["C1"]


def sources(folder: Path) -> Iterator[tuple[Any, Detected]]:
    """Yield the same list in every form, and what is detected of it."""
    table, objects = "name;code\nx;C1\ny;C2\n", '{"code": "C1"}\n"C2"\n'
    for name, content in (("a.csv", table), ("b.jsonl", objects)):
        (folder / name).write_text(content)
    delimited = Detected(format="delimited", encoding="utf-8", delimiter=";", column="code")
    lines = Detected(format="jsonl", encoding="utf-8", column="code")
    values = Detected(format="values")
    no_encoding = attrs.evolve(delimited, encoding=None)
    yield "C1\nC2", Detected(format="pasted")
    yield folder / "a.csv", delimited
    yield folder / "b.jsonl", lines
    yield (folder / "a.csv").open("rb"), delimited
    yield (folder / "a.csv").open(), no_encoding
    yield (folder / "b.jsonl").open("rb"), lines
    yield io.BytesIO(table.encode()), delimited
    yield io.StringIO(table), no_encoding
    yield gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(table.encode()))), delimited
    yield ["C1", "C2"], values
    yield {"C1": 1, "C2": 2}, values
    yield iter(["C1", "C2"]), values
    yield (code for code in ("C1", "C2")), values


@pytest.mark.parametrize("number", range(13))
@pytest.mark.parametrize("own_transaction", [False, True])
def test_every_source_gives_the_same_members(
    store: ConflictingStore, tmp_path: Path, number: int, *, own_transaction: bool
) -> None:
    """Also where the import is tried again; and no file of the caller is closed."""
    with contextlib.ExitStack() as stack:
        forms = list(sources(tmp_path))
        for form, _ in forms:
            if isinstance(form, io.IOBase):
                stack.enter_context(form)
        source, detected = forms[number]
        if own_transaction:
            report = import_into(store, "A", source)
        else:
            with store.transaction() as work:
                report = import_customers(work, "A", source)
        assert not (isinstance(source, io.IOBase) and source.closed)
    assert (report.counts.added, report.values, total(report.counts)) == (2, 2, 2)
    assert report.detected == detected
    with store.transaction() as work:
        assert members(work) == ["C1", "C2"]
    assert len(forms) == 13


@pytest.mark.parametrize("importer", [import_customers, import_into])
def test_what_is_named_wins(
    store: ConflictingStore, tmp_path: Path, importer: Callable[..., ImportReport]
) -> None:
    """Format, encoding, delimiter, column, dialect and kind of value."""
    path = tmp_path / "list.dat"
    path.write_bytes("x|Num Mer\ny|'Zoë\ny|'=1+1\n".encode("cp1252"))
    options = {
        "format": "delimited",
        "encoding": "cp1252",
        "delimiter": "|",
        "column": "nummer",
        "dialect": "spreadsheet",
        "by_key": True,
    }
    if importer is import_into:
        report = importer(store, "A", path, **options)
    else:
        with store.transaction() as work:
            report = importer(work, "A", path, **options)
    assert report.counts.added == 2
    assert attrs.astuple(report.detected) == ("delimited", "cp1252", "|", None, "Num Mer")
    with store.transaction() as work:
        assert members(work) == ["=1+1", "Zoë"]


def test_keys_are_never_ambiguous(work: UnitOfWork) -> None:
    """The key says which of two customers with one code is meant."""
    report = import_customers(work, "A", "k1,TWO", by_key=True)
    assert (report.counts.added, report.counts.unknown) == (1, 1)


def test_pasted_text_in_a_file_and_a_table_in_a_string(work: UnitOfWork, tmp_path: Path) -> None:
    """Any format may come from any source of text."""
    path = tmp_path / "list.csv"
    path.write_text("C1;C2 ")
    assert import_customers(work, "A", path, format="pasted").counts.added == 2
    assert import_customers(work, "A", "code,x\nC3,y", format="delimited").counts.added == 1
    assert import_customers(work, "A", '"C4"', format="jsonl").counts.added == 1


def test_codes_stay_the_text_they_are(work: UnitOfWork, tmp_path: Path) -> None:
    """No zeros are lost, no numbers made."""
    path = tmp_path / "list.csv"
    path.write_text("code\n00123\n123\n1E5\n")
    report = import_customers(work, "A", path)
    assert members(work) == ["00123"]
    assert [(reject.line, reject.value) for reject in report.rejects] == [(3, "123"), (4, "1E5")]


def test_a_value_that_is_not_text_is_an_outcome(work: UnitOfWork) -> None:
    """Numbers in an iterable or in JSON are not guessed at."""
    values: Any = ["C1", 123, None, ""]
    report = import_customers(work, "A", values)
    assert [(r.line, r.value, r.reason) for r in report.rejects] == [
        (2, "123", "not_text"),
        (3, "null", "not_text"),
        (4, "", "empty"),
    ]
    assert (report.counts.malformed, report.values) == (3, 4)


def test_a_dry_run_reports_the_same_and_changes_nothing(work: UnitOfWork) -> None:
    """Its report is the report."""
    tried = import_customers(work, "A", "C1,NONE", dry_run=True, at=MOMENT)
    assert members(work) == []
    done = import_customers(work, "A", "C1,NONE", at=MOMENT)
    assert tried == attrs.evolve(done, dry_run=True)
    assert members(work) == ["C1"]


def test_a_dry_run_of_a_store_changes_nothing(store: ConflictingStore) -> None:
    """The transaction commits, but there is nothing in it."""
    assert import_into(store, "A", "C1", dry_run=True).counts.added == 1
    with store.transaction() as work:
        assert members(work) == []


def test_only_so_many_rejects_are_reported(work: UnitOfWork) -> None:
    """The others are counted, and stand in the file of rejects."""
    limits = Limits(reported_rejects=2)
    file = io.StringIO()
    report = import_customers(work, "A", "W,X,Y,Z,\x07", limits=limits)
    assert [reject.value for reject in report.rejects] == ["\x07", "W"]
    assert report.rejects_omitted == 3
    assert report == import_customers(work, "A", "W,X,Y,Z,\x07", limits=limits, rejects=file)
    assert len(file.getvalue().splitlines()) == 6


@pytest.mark.parametrize(
    ("source", "total"),
    [
        ("\n".join(["C1"] * 12_000), 35_999),
        (["C1"] * 12_000, 12_000),
        (iter(["C1"] * 12_000), None),
        (io.BytesIO(b"C1\n" * 12_000), 36_000),
        (io.StringIO("C1\n" * 12_000), None),
    ],
)
def test_progress_is_told(work: UnitOfWork, source: Any, total: int | None) -> None:  # noqa: ANN401
    """Every few thousand values and at the end, never less than before."""
    told: list[tuple[int, int | None]] = []
    import_customers(work, "A", source, on_progress=lambda *step: told.append(step))
    assert len(told) > 2
    assert told == sorted(told)
    size = total or (12_000 if not isinstance(source, io.StringIO) else 36_000)
    assert told[-1] == (size, total)


def test_progress_starts_anew_with_each_attempt(store: ConflictingStore) -> None:
    """Three attempts, told as three."""
    told: list[int] = []
    import_into(store, "A", ["C1", "C2"], on_progress=lambda done, _: told.append(done))
    assert told == [2] * 3


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"code\nC1\nM\xfcller", UnreadableEncodingError),
        (b'code\nC1\n"C2\n', MalformedFileError),
        (b"a,b\nC1,x\n", ColumnNotFoundError),
        (b"code\nC1\nC2\nC3\nC4\n", LimitExceededError),
        (b"code\nC1\n" + b"x" * 200, LimitExceededError),
    ],
)
def test_an_import_that_fails_half_way_leaves_nothing_behind(
    store: ConflictingStore, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    """No member, and no file of rejects."""
    path, rejects = tmp_path / "list.csv", tmp_path / "rejects.csv"
    path.write_bytes(content)
    limits = Limits(rows=3, input_bytes=150)
    with store.transaction() as work:
        with pytest.raises(error):
            import_customers(work, "A", path, limits=limits, rejects=rejects)
        assert members(work) == []
    with pytest.raises(error):
        import_into(store, "A", path, limits=limits, rejects=rejects)
    assert not rejects.exists()


def test_the_unreadable_byte_is_named(work: UnitOfWork, tmp_path: Path) -> None:
    """And the encoding that it probably is."""
    path = tmp_path / "list.csv"
    path.write_bytes(b"code\n" + b"C1\n" * 100_000 + b"Zo\xeb\n")
    with pytest.raises(UnreadableEncodingError) as caught:
        import_customers(work, "A", path)
    assert attrs.astuple(caught.value) == ("utf-8", 300_007, "cp1252")
    assert import_customers(work, "A", path, encoding="cp1252").counts.added == 2


def test_a_source_that_raises_undoes_the_import(work: UnitOfWork) -> None:
    """Its own error passes unchanged."""

    def failing() -> Iterator[str]:
        yield "C1"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_customers(work, "A", failing())
    assert members(work) == []


def test_rejects_that_cannot_be_written_undo_the_import(work: UnitOfWork, tmp_path: Path) -> None:
    """The import would be done, but what was rejected would be lost."""
    with pytest.raises(FileNotFoundError):
        import_customers(work, "A", "C1", rejects=tmp_path / "nowhere" / "rejects.csv")
    assert members(work) == []


def test_an_unknown_group_is_found_before_the_source_is_read(work: UnitOfWork) -> None:
    """Nobody waits for a large file in vain."""
    source = iter(["C1"])
    with pytest.raises(GroupNotFoundError):
        import_customers(work, "NONE", source)
    assert list(source) == ["C1"]


@pytest.mark.parametrize(
    ("source", "options", "error"),
    [
        (Path("list.xls"), {}, UnknownFormatError),
        ("C1", {"format": "excel"}, UnknownFormatError),
        ("C1", {"format": ""}, UnknownFormatError),
        (["C1"], {"format": "pasted"}, InvalidValueError),
        (b"C1", {}, InvalidValueError),
        (5, {}, InvalidValueError),
        ("C1", {"encoding": "utf-nine"}, InvalidValueError),
        ("C1", {"delimiter": ";;"}, InvalidValueError),
        ("C1", {"column": 0}, InvalidValueError),
        ("C1", {"dialect": "excel"}, InvalidValueError),
        ("C1", {"by": ""}, InvalidValueError),
        ("C1", {"at": datetime(2026, 1, 1)}, InvalidValueError),  # noqa: DTZ001 - that is the test
        (Path("missing.csv"), {}, FileNotFoundError),
    ],
)
def test_a_wrong_argument_is_refused(
    store: ConflictingStore,
    source: Any,  # noqa: ANN401 - wrong ones, too
    options: dict[str, Any],
    error: type[Exception],
) -> None:
    """With a clear error, and nothing is imported."""
    with store.transaction() as work, pytest.raises(error):
        import_customers(work, "A", source, **options)
    with pytest.raises(error):
        import_into(store, "A", source, **options)
    with store.transaction() as work:
        assert members(work) == []
        with pytest.raises(InvalidGroupCodeError):
            import_customers(work, "no code", "C1")


# The file of rejects


def rejects_of(work: UnitOfWork, source: Any, **options: Any) -> str:  # noqa: ANN401 - any
    """Import, and return the file of rejects."""
    file = io.StringIO(newline="")
    import_customers(work, "A", source, rejects=file, **options)
    return file.getvalue()


def test_rejects_of_pasted_text_are_a_table(work: UnitOfWork) -> None:
    """By line; of those on one line, the malformed ones come first."""
    assert rejects_of(work, "C1\nC,2\n,X;\x07") == (
        "customer code,line,outcome,reason,message\r\n"
        "C,2,unknown,unknown,no customer has it\r\n"
        "2,2,unknown,unknown,no customer has it\r\n"
        '\x07,3,malformed,bad_character,"holds U+0007, which is not text"\r\n'
        "X,3,unknown,unknown,no customer has it\r\n"
    )


def test_rejects_of_json_lines_are_json_lines(work: UnitOfWork) -> None:
    """Numbers stay numbers, or they would become codes when they are imported again."""
    text = rejects_of(work, '{"Nr": 5}\n"X"', format="jsonl", column="nr")
    assert [json.loads(line) for line in text.splitlines()] == [
        {
            "Nr": 5,
            "line": 1,
            "outcome": "malformed",
            "reason": "not_text",
            "message": "is not text",
        },
        {
            "Nr": "X",
            "line": 2,
            "outcome": "unknown",
            "reason": "unknown",
            "message": "no customer has it",
        },
    ]


@pytest.mark.parametrize(
    ("text", "options", "header"),
    [
        ("X", {}, "customer code,line,outcome,reason,message"),
        ("X", {"by_key": True}, "customer key,line,outcome,reason,message"),
        ("Cust. No.\nX", {}, "Cust. No.,line,outcome,reason,message"),
        ("a;code\n1;X", {}, "code;line;outcome;reason;message"),
        ("sep=#\na#code\n1#X", {}, "code,line,outcome,reason,message"),
        ("a#code\n1#X", {"delimiter": "#"}, "code#line#outcome#reason#message"),
        ("a,b\n1,X", {"column": 2}, "line,customer code,outcome,reason,message"),
        ("a,b,c,d,e,f\n" * 2, {"column": 6}, "line,outcome,reason,message,,customer code"),
        ("Line\nX", {"column": "line"}, "Line,rejected line,outcome,reason,message"),
        ("", {"column": "Nr"}, "Nr,line,outcome,reason,message"),
        ("", {"column": 3}, "customer code,line,outcome,reason,message"),
        ("=x\nX", {"column": "=x", "dialect": "spreadsheet"}, "'=x,line,outcome,reason,message"),
    ],
)
def test_the_table_of_rejects_is_laid_out_as_the_list(
    work: UnitOfWork, text: str, options: dict[str, Any], header: str
) -> None:
    """So that the same options find the column again."""
    rejects = rejects_of(work, text, format="delimited", **options)
    assert rejects.splitlines()[0] == header


def test_a_file_of_rejects_is_always_new(work: UnitOfWork, tmp_path: Path) -> None:
    """Without rejects it has only a header; nobody finds those of last week."""
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    import_customers(work, "A", "C1", rejects=path)
    assert path.read_text() == "customer code,line,outcome,reason,message\n"


def test_rejects_have_the_encoding_that_was_named(work: UnitOfWork, tmp_path: Path) -> None:
    """The same options read them again."""
    path, rejects = tmp_path / "list.csv", tmp_path / "rejects.csv"
    path.write_bytes("Kunde\nMüller\n".encode("utf-16-le"))
    import_customers(work, "A", path, encoding="utf-16-le", column="Kunde", rejects=rejects)
    again = import_customers(work, "A", rejects, encoding="utf-16-le", column="Kunde")
    assert [reject.value for reject in again.rejects] == ["Müller"]


def test_rejects_of_a_store_are_written_once(store: ConflictingStore) -> None:
    """After the commit, not once for each attempt."""
    file = io.BytesIO()
    report = import_into(store, "A", iter(["X", "C1"]), rejects=file)
    assert len(file.getvalue().splitlines()) == 2
    assert len(report.rejects) == 1


ODD_VALUES = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+'\"\t,; \ufeff"), min_size=1
).filter(lambda text: text.strip() != "")
FORMS: dict[str, dict[str, Any]] = {
    "plain": {"dialect": "exact"},
    "for spreadsheets": {"dialect": "spreadsheet"},
    "semicolons": {"delimiter": ";"},
    "second column": {"column": 2},
    "seventh column": {"column": 7},
    "named": {"column": "outcome"},
}


@given(st.lists(ODD_VALUES, max_size=8), st.sampled_from(sorted(FORMS)))
def test_rejects_import_again_as_they_are(texts: list[str], form: str) -> None:
    """The same values are rejected for the same reasons, whatever is in them."""
    store = InMemoryGroupStore(InMemoryStorage(), "t")
    with store.transaction() as work:
        work.groups.add(CustomerGroup("A", "All", MOMENT))
        first = written(texts, **FORMS[form])
        rejects = io.BytesIO()
        before = import_customers(work, "A", first, rejects=rejects, **FORMS[form])
        rejects.seek(0)
        after = import_customers(work, "A", rejects, **FORMS[form])
    assert before.values == total(before.counts) == len(texts)
    assert list(map(known, after.rejects)) == list(map(known, before.rejects))


def known(reject: Reject) -> tuple[str, str, str]:
    """Return what must be the same of a reject."""
    return reject.value.strip(), reject.outcome, reject.reason


def written(
    texts: Iterable[str],
    column: int | str = 1,
    delimiter: str = ",",
    dialect: str = "exact",
) -> io.BytesIO:
    """Return a table of ten columns with the texts in one of them."""
    place = column - 1 if isinstance(column, int) else 3
    header = [column if column == "outcome" and cell == 3 else f"x{cell}" for cell in range(10)]
    if isinstance(column, int):
        header[place] = "code"
    file = io.BytesIO()
    writer = DelimitedWriter(dialect=Dialect(dialect), delimiter=delimiter)
    with open_table(file, header, writer) as write_rows:
        write_rows([text if cell == place else "x" for cell in range(10)] for text in texts)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("list.csv", "name;code\na;C1\nb;X\nc;\nd;Y\n", {}),
        ("list.csv", "X\nY\nC1\n", {"dialect": "spreadsheet"}),
        ("list.jsonl", '"C1"\n{"id": 1, "code": "X"}\n{"id": 2}\n"Y"\n', {}),
    ],
)
def test_rejects_are_corrected_and_imported_again(
    store: ConflictingStore, tmp_path: Path, name: str, content: str, options: dict[str, Any]
) -> None:
    """What a user does: look at the file, correct the codes, import it."""
    path, rejects = tmp_path / name, tmp_path / f"rejects-{name}"
    path.write_text(content)
    report = import_into(store, "A", path, rejects=rejects, **options)
    corrected = rejects.read_text().replace("X", "C2").replace("Y", "=1+1")
    if options:
        corrected = corrected.replace("=1+1", "'=1+1")
    rejects.write_text(corrected)
    again = import_into(store, "A", rejects, **options)
    assert (report.counts.added, again.counts.added) == (1, 2)
    with store.transaction() as work:
        assert members(work) == ["=1+1", "C1", "C2"]


def test_many_malformed_values_are_counted(store: ConflictingStore) -> None:
    """Only the first of them are kept where no file is asked for."""
    report = import_into(store, "A", "\x07\n" * 100_000)
    assert (report.counts.malformed, report.rejects_omitted) == (100_000, 99_000)


@pytest.mark.parametrize("is_dry", [False, True])
def test_the_list_is_not_overwritten_by_its_rejects(
    store: ConflictingStore, tmp_path: Path, *, is_dry: bool
) -> None:
    """Naming the list as the file of its rejects is refused before anything is read."""
    path = tmp_path / "codes.csv"
    path.write_text("C1\nC2\n", encoding="ascii")
    with pytest.raises(InvalidValueError, match="is the list itself"):
        import_into(store, "A", path, rejects=tmp_path / "." / "codes.csv", dry_run=is_dry)
    with store.transaction() as work, pytest.raises(InvalidValueError, match="rejects"):
        import_customers(work, "A", path, rejects=str(path), dry_run=is_dry)
    assert path.read_text(encoding="ascii") == "C1\nC2\n"


def test_rejects_that_cannot_be_written_are_known_beforehand(
    store: ConflictingStore, tmp_path: Path
) -> None:
    """Nothing is stored where the report of it would be lost."""
    with pytest.raises(OSError, match="No such file"):
        import_into(store, "A", "C1", rejects=tmp_path / "no" / "rejects.csv")
    with store.transaction() as work:
        assert get_group(work, "A").customers == 0


def test_bytes_that_a_decoder_refuses_without_saying_where(work: UnitOfWork) -> None:
    """The error names the byte where the piece begins."""
    with pytest.raises(UnreadableEncodingError) as caught:
        import_customers(work, "A", io.BytesIO(b"C1\nC2"), encoding="utf-16")
    assert (caught.value.encoding, caught.value.offset) == ("utf-16", 0)
