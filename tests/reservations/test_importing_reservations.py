"""Reservations come from tables: every row has an outcome, and nothing is half done."""

import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import (
    ColumnNotFoundError,
    ImportFileError,
    InvalidValueError,
    RejectsNotWrittenError,
    RetryableConflictError,
)
from customer_groups.files.cells import Unclear
from customer_groups.files.limits import Limits
from customer_groups.reservations import (
    GroupReservation,
    ReservationState,
    ReservationStore,
    ReservationWork,
    StockKey,
    availability,
    find_reservations,
)
from customer_groups.reservations.files import (
    RowOutcome,
    import_reservations,
    import_reservations_into,
    item_at_location,
)
from customer_groups.reservations.files.cells import quantity_in
from customer_groups.reservations.files.columns import ReservationColumns
from customer_groups.reservations.memory import InMemoryReservations
from reservation_files import NOW, HundredOfEach, counts_of, new_store, reserved

FILE = """\
Group;Item;Warehouse;Qty;From;Until;Prio
KEY;4711;Graz;40;;2026-12-31;10
CAMPAIGN;4711;Graz;20;2026-04-01;2026-05-01T18:00+02:00;

key;4712;;2.5;;;
"""


@pytest.fixture
def store() -> ReservationStore:
    """Return a store with groups and no reservation."""
    return new_store()


@pytest.fixture
def work(store: ReservationStore) -> Iterator[ReservationWork]:
    """Yield a unit of work."""
    with store.transaction() as work:
        yield work


def test_each_row_is_a_reservation(work: ReservationWork) -> None:
    """With its window, priority and stock, and an id of the request and the line."""
    report = import_reservations(work, FILE, request_id="spring", at=NOW, by="anna")

    assert (report.rows, counts_of(report)) == (3, {"reserved": 3})
    assert (report.blank_lines, report.header_lines, report.rejects) == (1, 1, ())
    assert reserved(work) == {
        "spring:2": GroupReservation(
            id="spring:2",
            group="KEY",
            group_created_at=NOW,
            stock="4711@Graz",
            quantity=Decimal("40.0"),
            valid_to=datetime(2026, 12, 31, tzinfo=UTC),
            priority=10,
            created_at=NOW,
            created_by="anna",
        ),
        "spring:3": GroupReservation(
            id="spring:3",
            group="CAMPAIGN",
            group_created_at=NOW,
            stock="4711@Graz",
            quantity=Decimal("20.0"),
            valid_from=datetime(2026, 4, 1, tzinfo=UTC),
            valid_to=datetime(2026, 5, 1, 16, tzinfo=UTC),
            state=ReservationState.PLANNED,
            created_at=NOW,
            created_by="anna",
        ),
        "spring:5": GroupReservation(
            id="spring:5",
            group="KEY",
            group_created_at=NOW,
            stock="4712",
            quantity=Decimal("2.5"),
            created_at=NOW,
            created_by="anna",
        ),
    }


def test_the_report_says_how_the_file_was_read(work: ReservationWork) -> None:
    """Which column was taken for what, and which for nothing."""
    report = import_reservations(
        work, "group,stock,quantity,Note\nKEY,A,1,soon\n", request_id="r", at=NOW
    )

    assert report.columns == {"group": "group", "stock": "stock", "quantity": "quantity"}
    assert (report.ignored, report.request_id, report.dry_run) == (("Note",), "r", False)
    assert (report.detected.format, report.detected.delimiter) == ("delimited", ",")


def test_the_same_file_again(work: ReservationWork) -> None:
    """The same request has no second effect; another one has."""
    import_reservations(work, FILE, request_id="spring", at=NOW)
    before = reserved(work)

    again = import_reservations(work, FILE, request_id="spring", at=NOW + timedelta(days=1))

    assert counts_of(again) == {"repeated": 3}
    assert reserved(work) == before
    assert counts_of(import_reservations(work, FILE, request_id="s2", at=NOW))["reserved"] == 2


def test_a_changed_file_with_the_same_request(work: ReservationWork) -> None:
    """What a line asked for before counts; a line that asks for something else is refused."""
    import_reservations(work, FILE, request_id="spring", at=NOW)

    report = import_reservations(work, FILE.replace("40", "41"), request_id="spring", at=NOW)

    assert counts_of(report) == {"repeated": 2, "request_reused": 1}
    (reject,) = report.rejects
    assert (reject.line, reject.value, reject.reason) == (2, "spring:2", "request_reused")


def test_rows_with_ids(work: ReservationWork) -> None:
    """An id is that of the reservation, whatever the request and the line are."""
    rows = "id,group,stock,quantity\nr1,KEY,A,1\n,KEY,A,1\nr1,KEY,A,1\n"

    report = import_reservations(work, rows, request_id="i", at=NOW)
    moved = import_reservations(work, rows.replace("\n,", "\n\n,"), request_id="j", at=NOW)

    assert counts_of(report) == {"reserved": 2, "repeated": 1}
    assert counts_of(moved) == {"reserved": 1, "repeated": 2}
    assert set(reserved(work)) == {"r1", "i:3", "j:4"}


ROWS = """\
group,stock,item,quantity,from,until,priority,holds before start,id,warehouse
KEY,A,,90,,,,,,
KEY,A,,11,,,,,,
NOBODY,A,,1,,,,,,
ASLEEP,A,,1,,,,,,
,A,,1,,,,,,
KEY,,,1,,,,,,
KEY,A,B,1,,,,,,
KEY,A,,"1,5",,,,,,
KEY,A,,,,,,,,
KEY,A,,0,,,,,,
KEY,A,,-1,,,,,,
KEY,A,,0.05,,,,,,
KEY,A,,1_000,,,,,,
KEY,A,,1,soon,,,,,
KEY,A,,1,,0001-01-01T00:00+05:00,,,,
KEY,A,,1,2026-04-02,2026-04-01,,,,
KEY,A,,1,,2026-02-01,,,,
KEY,A,,1,,,0,,,
KEY,A,,1,,,high,,,
KEY,A,,1,,,,perhaps,,
KEY,A,,1,,,,,a\tb,
KEY,A,,10,,,99,no,,
KEY,A,,1,,,,,,Graz
KEY,,,1,,,,,,Graz
"""
REJECTS = [
    (3, "11", "insufficient", "insufficient"),
    (4, "NOBODY", "unknown_group", "unknown_group"),
    (5, "ASLEEP", "inactive_group", "inactive_group"),
    (6, "", "malformed", "group"),
    (7, "", "malformed", "stock"),
    (8, "A", "malformed", "stock"),
    (9, "1,5", "malformed", "quantity"),
    (10, "", "malformed", "quantity"),
    (11, "0", "malformed", "quantity"),
    (12, "-1", "malformed", "quantity"),
    (13, "0.05", "malformed", "quantity"),
    (14, "1_000", "malformed", "quantity"),
    (15, "soon", "malformed", "valid_from"),
    (16, "0001-01-01T00:00+05:00", "malformed", "valid_to"),
    (17, "2026-04-01T00:00:00+00:00", "malformed", "valid_to"),
    (18, "2026-02-01 00:00:00+00:00", "malformed", "valid_to"),
    (19, "0", "malformed", "priority"),
    (20, "high", "malformed", "priority"),
    (21, "perhaps", "malformed", "holds_before_start"),
    (22, "a\tb", "malformed", "id"),
    (24, "A", "malformed", "stock"),
    (25, "", "malformed", "stock"),
]


def test_rows_that_cannot_be_used(work: ReservationWork) -> None:
    """Each is told with its reason, has changed nothing, and does not keep others out."""
    report = import_reservations(work, ROWS, request_id="r", at=NOW)

    told = [(each.line, each.value, each.outcome.value, each.reason) for each in report.rejects]
    assert told == REJECTS
    assert (report.rows, report.rejected, report.rejects_omitted) == (24, 22, 0)
    assert counts_of(report)["reserved"] == 2
    assert report.rejects[0].message == "is more than is free, which is 10"
    assert set(reserved(work)) == {"r:2", "r:23"}
    assert availability(work, "A", at=NOW).free == 0


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("9999-12-31", "is after the year 8999"),
        ("0001-01-01", "is before the year 1"),
        ("soon", "is neither a date such as 2026-12-31 nor a time such as 2026-12-31T18:00+01:00"),
    ],
)
def test_what_is_wrong_with_a_time(work: ReservationWork, end: str, message: str) -> None:
    """A date that is out of range is a date all the same; it is told as it stands in the file."""
    rows = f"group,stock,quantity,until\nKEY,A,1,{end}\n"
    zone = timezone(timedelta(hours=5))
    (reject,) = import_reservations(work, rows, request_id="r", at=NOW, time_zone=zone).rejects

    assert (reject.value, reject.reason, reject.message) == (end, "valid_to", message)


def test_every_outcome_is_counted(work: ReservationWork) -> None:
    """Also what did not happen."""
    report = import_reservations(work, ROWS, request_id="r", at=NOW)

    assert set(report.counts) == set(RowOutcome)
    assert (report.counts[RowOutcome.REPEATED], report.counts[RowOutcome.MALFORMED]) == (0, 19)


def test_no_trace_is_left_of_a_reject(work: ReservationWork) -> None:
    """The id of a row that was refused can be used again, for something else."""
    head = "id,group,stock,quantity\n"
    import_reservations(work, f"{head}r1,KEY,A,101\n", request_id="i", at=NOW)

    report = import_reservations(work, f"{head}r1,CAMPAIGN,B,1\n", request_id="i", at=NOW)

    assert counts_of(report) == {"reserved": 1}


def test_a_dry_run_reports_and_changes_nothing(work: ReservationWork) -> None:
    """Its report is that of the import which follows."""
    tried = import_reservations(work, ROWS, request_id="r", at=NOW, dry_run=True)
    assert reserved(work) == {}

    done = import_reservations(work, ROWS, request_id="r", at=NOW)

    assert tried.dry_run
    assert (tried.counts, tried.rejects) == (done.counts, done.rejects)


def test_lines_that_cannot_be_taken_apart(work: ReservationWork) -> None:
    """A row with too many cells, and what stands alone, are rejects in their place."""
    rows = "group,stock,quantity\nKEY,A,1,2\nKEY,A,1000\nKEY,A,1,3\n"

    report = import_reservations(work, rows, request_id="r", at=NOW)

    assert [(each.line, each.reason) for each in report.rejects] == [
        (2, "too_many_cells"),
        (3, "insufficient"),
        (4, "too_many_cells"),
    ]
    assert report.rejects[0].value == '["KEY", "A", "1", "2"]'
    assert counts_of(report) == {"malformed": 2, "insufficient": 1}


def test_rejects_are_corrected_and_imported_again(work: ReservationWork, tmp_path: Path) -> None:
    """Their file has all columns of their rows, and can be imported with a request of its own."""
    rejects = tmp_path / "rejects.csv"
    rows = "group,stock,quantity,line\nNOBODY,A,1,x\nKEY,A,2,y\nKEY,A,3,z,z\n"
    import_reservations(work, rows, request_id="r", at=NOW, rejects=rejects)

    text = rejects.read_text()
    report = import_reservations(
        work, text.replace("NOBODY", "CAMPAIGN"), request_id="again", at=NOW
    )

    assert text.splitlines() == [
        "group,stock,quantity,line,rejected line,value,outcome,reason,message",
        "NOBODY,A,1,x,2,NOBODY,unknown_group,unknown_group,no group has it",
        (
            ',,,,4,"[""KEY"", ""A"", ""3"", ""z"", ""z""]",malformed,too_many_cells,'
            '"are 5 cells, where the first line has 4"'
        ),
    ]
    assert counts_of(report) == {"reserved": 1, "malformed": 1}
    assert {each.group for each in reserved(work).values()} == {"KEY", "CAMPAIGN"}


def test_only_the_first_rejects_are_reported(work: ReservationWork, tmp_path: Path) -> None:
    """The others are counted, and are in the file of rejects; long values are cut."""
    rows = "group,stock,quantity\n" + "".join(f"KEY,A,{'x' * 2_000}{n}\n" for n in range(5))
    few = Limits(reported_rejects=2)

    report = import_reservations(work, rows, request_id="r", at=NOW, limits=few)
    import_reservations(
        work, rows, request_id="r", at=NOW, limits=few, rejects=tmp_path / "rejects.csv"
    )

    assert [(each.line, each.value) for each in report.rejects] == [
        (2, "x" * 1_000),
        (3, "x" * 1_000),
    ]
    assert (report.rejected, report.rejects_omitted) == (5, 3)
    assert (tmp_path / "rejects.csv").read_text().count("\n") == 6


def test_json_lines(work: ReservationWork) -> None:
    """Whole numbers are exact there; others are text, as nobody knows them else."""
    records: list[object] = [
        {"group": "KEY", "stock": "A", "quantity": 3, "priority": 7},
        {"group": "KEY", "stock": "A", "quantity": "2.5", "priority": True},
        {"group": "KEY", "stock": "A", "quantity": 2.5},
        {"group": "KEY", "stock": "A", "quantity": True},
        {"group": 1, "stock": "A", "quantity": 1},
        {"group": "KEY", "stock": "A", "quantity": 1, "id": "own", "holds_before_start": False},
        [1],
    ]
    text = "\n".join(map(json.dumps, records))

    report = import_reservations(work, text, request_id="r", at=NOW, format="jsonl")

    assert {each.id: (each.priority, each.quantity) for each in reserved(work).values()} == {
        "r:1": (7, 3),
        "own": (50, 1),
    }
    assert not reserved(work)["own"].holds_before_start
    assert [(each.line, each.value, each.reason) for each in report.rejects] == [
        (2, "True", "priority"),
        (3, "2.5", "quantity"),
        (4, "True", "quantity"),
        (5, "1", "group"),
        (7, "[1]", "no_column"),
    ]


def sheet(
    *rows: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet, int], object],
) -> io.BytesIO:
    """Return a spreadsheet of reservations for KEY, each row with a cell that a function writes."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["group", "stock", "quantity", "until"])
        for number, write in enumerate(rows, 1):
            page.write_row(number, 0, ["KEY", f"S{number}"])
            write(book, page, number)
    file.seek(0)
    return file


def number_as(value: float, shown_as: str = "General") -> Callable[..., object]:
    """Return what writes a quantity as a number."""
    return lambda book, page, row: page.write_number(
        row, 2, value, book.add_format({"num_format": shown_as})
    )


def test_numbers_of_a_spreadsheet() -> None:
    """They count as they are shown: the binary form behind them does not."""
    store = new_store(places=6)
    shown = [
        (2.5, "General"),
        (0.1 + 0.2, "General"),
        (12, "#,##0.00"),
        (7, "0000"),
        (3, "General"),
    ]
    wrong = number_as(1e-7)

    with store.transaction() as work:
        report = import_reservations(
            work,
            sheet(*(number_as(*each) for each in shown), wrong),
            request_id="r",
            at=NOW,
            format="xlsx",
        )
        quantities = [each.quantity for each in find_reservations(work).items]

    assert quantities == [Decimal(text) for text in ("2.5", "0.3", "12", "7", "3")]
    assert [(each.line, each.reason) for each in report.rejects] == [(7, "quantity")]


def test_dates_of_a_spreadsheet(work: ReservationWork) -> None:
    """A date cell is a date, in the time zone of the caller; where a number is due, it is none."""

    def until(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, row: int) -> None:
        page.write_number(row, 2, 1)
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_datetime(row, 3, datetime(2026, 12, 31, 12), date)  # noqa: DTZ001  none there

    def quantity(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, row: int) -> None:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_datetime(row, 2, datetime(2026, 12, 31), date)  # noqa: DTZ001  none there

    vienna = timezone(timedelta(hours=1))
    report = import_reservations(
        work, sheet(until, quantity), request_id="r", at=NOW, format="xlsx", time_zone=vienna
    )

    assert reserved(work)["r:2"].valid_to == datetime(2026, 12, 31, 11, tzinfo=UTC)
    (reject,) = report.rejects
    assert (reject.value, reject.reason) == ("2026-12-31", "quantity")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl"])
def test_rejects_in_every_format(work: ReservationWork, tmp_path: Path, suffix: str) -> None:
    """They can be imported again, and are the same rejects."""
    rows = [("KEY", "S1", "2.5"), ("KEY", "S1", "1000"), ("NOBODY", "S2", "1")]
    names = ("group", "stock", "quantity")
    source: str | io.BytesIO = "".join(f"{','.join(row)}\n" for row in (names, *rows))
    if suffix == "jsonl":
        source = "\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows)
    if suffix == "xlsx":
        source = io.BytesIO()
        with xlsxwriter.Workbook(source) as book:
            page = book.add_worksheet()
            for number, row in enumerate((names, *rows)):
                page.write_row(number, 0, row)
        source.seek(0)
    format = {"csv": "delimited"}.get(suffix, suffix)
    first, second = (tmp_path / f"{name}.{suffix}" for name in ("first", "second"))

    report = import_reservations(work, source, request_id="r", at=NOW, format=format, rejects=first)
    again = import_reservations(work, first, request_id="s", at=NOW, rejects=second)

    assert counts_of(report) == {"reserved": 1, "insufficient": 1, "unknown_group": 1}
    assert counts_of(again) == {"insufficient": 1, "unknown_group": 1}
    assert [each.value for each in again.rejects] == [each.value for each in report.rejects]


def test_columns_of_the_host(work: ReservationWork) -> None:
    """Columns are named or counted, and one can be left out; keys are made as the host does."""
    rows = "Sparte,Lager,Teil,Menge,Priority\nKEY,Graz,4711,5,high\n"

    report = import_reservations(
        work,
        rows,
        request_id="r",
        at=NOW,
        columns={
            "group": "Sparte",
            "location": ["Lager", "Depot"],
            "item": 3,
            "quantity": 4,
            "priority": None,
        },
        stock_key=lambda item, location: f"{location}/{item}",
    )

    assert report.columns == {
        "group": "Sparte",
        "item": "Teil",
        "location": "Lager",
        "quantity": "Menge",
    }
    assert reserved(work)["r:2"].stock == "Graz/4711"


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ("stock,quantity\n", "group"),
        ("group,quantity\n", "stock"),
        ("group,stock\n", "quantity"),
        ("group,stock,quantity,qty\n", "qty"),
    ],
)
def test_columns_that_are_missing_or_doubtful(work: ReservationWork, rows: str, part: str) -> None:
    """Nothing is guessed: the error names what was looked for."""
    with pytest.raises(ColumnNotFoundError, match=part):
        import_reservations(work, rows, request_id="r", at=NOW)


def test_positions_are_not_for_objects(work: ReservationWork) -> None:
    """The fields of JSON Lines have no order."""
    with pytest.raises(ColumnNotFoundError):
        import_reservations(
            work, '{"g": "KEY"}', request_id="r", format="jsonl", columns={"group": 1}
        )


def test_an_empty_file(work: ReservationWork) -> None:
    """It is no error, and reserves nothing."""
    report = import_reservations(work, "", request_id="r", at=NOW)

    assert (report.rows, report.columns, report.ignored) == (0, {}, ())


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"request_id": ""}, "request id"),
        ({"request_id": "r" * 70}, "request id"),
        ({"by": "\n"}, "actor"),
        ({"at": datetime(2026, 1, 1)}, "time"),  # noqa: DTZ001  that is what is wrong with it
        ({"columns": {"customer": "x"}}, "columns"),
        ({"delimiter": "--"}, "delimiter"),
    ],
)
def test_arguments_that_cannot_be(
    work: ReservationWork, options: dict[str, object], part: str
) -> None:
    """They are an error before anything is read, not an outcome of each row."""
    with pytest.raises(InvalidValueError, match=part):
        import_reservations(work, FILE, **{"request_id": "r", **options})  # type: ignore[arg-type]


def test_the_longest_request_id(work: ReservationWork) -> None:
    """It leaves room for the lines."""
    report = import_reservations(work, FILE, request_id="r" * 69, at=NOW)

    assert counts_of(report) == {"reserved": 3}


def test_a_source_without_columns(work: ReservationWork) -> None:
    """A list of values is no table."""
    with pytest.raises(InvalidValueError, match="has no columns"):
        import_reservations(work, ["KEY"], request_id="r")  # type: ignore[arg-type]


def test_what_the_host_does_wrong_is_no_fault_of_a_row() -> None:
    """A quantity on hand that is no number ends the import, and nothing is stored."""
    store = new_store()

    def nothing_known(stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Decimal]:
        assert lock
        return dict.fromkeys(stocks, Decimal("NaN"))

    broken = InMemoryReservations(on_hand=nothing_known)

    with pytest.raises(InvalidValueError, match="quantity on hand"):
        import_reservations_into(
            ReservationStore(store.groups, broken), FILE.replace("2.5", "2"), request_id="r"
        )

    with store.transaction() as work:
        assert reserved(work) == {}


def test_a_file_that_breaks_off(work: ReservationWork) -> None:
    """An error means that nothing is stored."""
    with pytest.raises(ImportFileError):
        import_reservations(work, io.BytesIO(FILE.encode() + b"\xff"), request_id="r", at=NOW)

    assert reserved(work) == {}


def test_into_a_store(store: ReservationStore) -> None:
    """The import has a transaction of its own, a dry run too."""
    for dry_run, number in ((True, 0), (False, 3)):
        report = import_reservations_into(store, FILE, request_id="spring", at=NOW, dry_run=dry_run)
        with store.transaction() as work:
            assert len(reserved(work)) == number
        assert report.dry_run is dry_run


def test_into_a_store_with_others_in_the_way(
    store: ReservationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again, and the second attempt finds nothing of the first, rejects included."""
    attempts: list[int] = []
    answer = HundredOfEach.__call__

    def once_in_the_way(
        self: HundredOfEach, stocks: Collection[StockKey], *, lock: bool
    ) -> Mapping[StockKey, int]:
        if "4712" in stocks and not attempts:
            attempts.append(1)
            raise RetryableConflictError("try again")
        return answer(self, stocks, lock=lock)

    monkeypatch.setattr(HundredOfEach, "__call__", once_in_the_way)
    groups = store.groups

    def twice(operation: Callable[..., object]) -> object:
        try:
            with groups.transaction() as work:
                return operation(work)
        except RetryableConflictError:
            with groups.transaction() as work:
                return operation(work)

    monkeypatch.setattr(groups, "run", twice)
    report = import_reservations_into(
        store, io.StringIO(FILE.replace("KEY;4711", "NOBODY;4711")), request_id="r", at=NOW
    )

    assert attempts == [1]
    assert counts_of(report) == {"reserved": 2, "unknown_group": 1}
    assert len(report.rejects) == 1


def test_rejects_that_cannot_be_written(store: ReservationStore) -> None:
    """The import is stored, and the error has its report."""
    with pytest.raises(RejectsNotWrittenError) as caught:
        import_reservations_into(store, FILE, request_id="r", at=NOW, rejects=Path("/dev/full"))

    assert caught.value.report.rows == 3
    with store.transaction() as work:
        assert len(reserved(work)) == 3


def test_many_rows() -> None:
    """More than are looked up at a time."""
    rows = "".join(f"KEY,S{number},1\n" for number in range(1_001))
    store = new_store()
    for outcome in ("reserved", "repeated"):
        report = import_reservations_into(
            store, f"group,stock,quantity\n{rows}", request_id="r", at=NOW
        )
        assert counts_of(report) == {outcome: 1_001}


def test_no_two_items_and_locations_have_the_same_key() -> None:
    """Not even where they have the characters that separate them."""
    texts = ["".join(each) for length in range(4) for each in product("a@\\", repeat=length)]

    keys = {item_at_location(item, location) for item, location in product(texts, texts)}

    assert len(keys) == len(texts) ** 2


@pytest.mark.parametrize(
    ("raw", "quantity"),
    [("1.1000000000000001", "1.1"), ("0.30000000000000004", "0.3"), ("2.5E-1", "0.25")],
)
def test_numbers_as_other_programs_write_them(raw: str, quantity: str) -> None:
    """What the binary form has behind the fifteenth digit is no part of the number."""
    assert quantity_in(Unclear(raw, "fraction", "is a number")) == Decimal(quantity)


@given(quantity=st.decimals("0.000001", "100", places=6))
def test_quantities_are_exact(quantity: Decimal) -> None:
    """What the file says is reserved, to the last place."""
    with new_store(places=6).transaction() as work:
        text = f"group,stock,quantity\nKEY,A,{quantity:f}\n"
        import_reservations(work, text, request_id="r", at=NOW)

        assert reserved(work)["r:2"].quantity == quantity


@given(wanted=st.lists(st.integers(1, 60), max_size=8))
def test_rows_in_their_order_get_what_is_free(wanted: list[int]) -> None:
    """First come, first served; who asks for more than is left gets nothing."""
    free, served = 100, []
    for number in wanted:
        served.append(number <= free)
        free -= number if number <= free else 0
    rows = "".join(f"KEY,A,{number}\n" for number in wanted)

    with new_store().transaction() as work:
        report = import_reservations(work, f"group,stock,quantity\n{rows}", request_id="r", at=NOW)

        assert availability(work, "A", at=NOW).free == free
    assert {each.line - 2 for each in report.rejects} == {
        place for place, is_served in enumerate(served) if not is_served
    }


def test_usual_names_of_columns() -> None:
    """Those that people write, and none twice."""
    names = ("Customer Group", "Item No.", "Warehouse", "Qty", "Valid from", "Valid until", "ID")

    found = ReservationColumns().among(names)

    assert found.names_of_fields() == {
        "id": "ID",
        "group": "Customer Group",
        "item": "Item No.",
        "location": "Warehouse",
        "quantity": "Qty",
        "valid_from": "Valid from",
        "valid_to": "Valid until",
    }


@pytest.mark.parametrize("zone", ["Europe/Vienna", None])
def test_a_time_zone_is_no_text(work: ReservationWork, zone: Any) -> None:  # noqa: ANN401  wrong
    """What is not a tzinfo is refused before anything is read, with what to pass."""
    with pytest.raises(InvalidValueError, match=r"is no tzinfo; pass one, such as zoneinfo"):
        import_reservations(work, FILE, request_id="r", time_zone=zone)
    assert reserved(work) == {}
