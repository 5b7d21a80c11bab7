"""Reservations and their ledger are written completely, in order, exactly, and come back."""

import csv
import decimal
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError, UnknownFormatError
from customer_groups.files.dialects import Dialect
from customer_groups.reservations import (
    GroupReservation,
    ReservationState,
    ReservationWork,
    consume,
    expire_due,
    release,
    reserve,
    settle,
)
from customer_groups.reservations.files import (
    LEDGER_COLUMNS,
    RESERVATION_COLUMNS,
    export_ledger,
    export_reservations,
    import_reservations,
)
from customer_groups.service import add_customers
from reservation_files import NOW, counts_of, new_store, reserved

DAY = timedelta(days=1)
FORMATS: dict[str, tuple[str, str, Dialect]] = {
    "exact": ("csv", "delimited", Dialect.EXACT),
    "spreadsheet": ("csv", "delimited", Dialect.SPREADSHEET),
    "xlsx": ("xlsx", "xlsx", Dialect.EXACT),
    "jsonl": ("jsonl", "jsonl", Dialect.EXACT),
}


@pytest.fixture
def work() -> Iterator[ReservationWork]:
    """Yield a unit of work with three reservations, of which one is partly consumed."""
    with new_store().transaction() as work:
        add_customers(work.core, "KEY", ["C1"])
        reserve(work, "KEY", "B", Decimal("2.5"), request_id="r1", at=NOW, by="anna")
        reserve(
            work,
            "CAMPAIGN",
            "A",
            20,
            request_id="r2",
            valid_from=NOW + DAY,
            valid_to=NOW + 2 * DAY,
            priority=7,
            holds_before_start=False,
            at=NOW,
        )
        reserve(work, "KEY", "=A", 5, request_id="r3", at=NOW)
        release(work, "r3", request_id="gone", at=NOW)
        consume(work, "C1", [("B", 1), ("A", 3)], request_id="c1", at=NOW, by="ben")
        yield work


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV as the csv module reads them."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_reservations_as_csv(work: ReservationWork) -> None:
    """By stock and id; what is not there is empty."""
    file = io.StringIO(newline="")

    assert export_reservations(work, file) == 3

    rows = rows_of(file.getvalue())
    assert tuple(rows[0]) == RESERVATION_COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        (
            *("r3", "KEY", "=A", "5.0", "0.0", "0", "", "", "50", "yes", "released"),
            *("2026-03-01T00:00:00+00:00", ""),
        ),
        (
            *("r2", "CAMPAIGN", "A", "20.0", "0.0", "20.0"),
            *("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00", "7", "no", "planned"),
            *("2026-03-01T00:00:00+00:00", ""),
        ),
        (
            *("r1", "KEY", "B", "2.5", "1.0", "1.5", "", "", "50", "yes", "active"),
            *("2026-03-01T00:00:00+00:00", "anna"),
        ),
    ]


def test_the_ledger_as_csv(work: ReservationWork) -> None:
    """By stock, and in the order in which it happened; who did what is in it."""
    settle(work, "c1", [("A", 1)], request_id="s1", at=NOW)
    file = io.StringIO(newline="")

    assert export_ledger(work, file) == 7

    rows = rows_of(file.getvalue())
    assert tuple(rows[0]) == LEDGER_COLUMNS
    told = ("stock", "version", "line", "kind", "held", "outstanding", "reservation", "customer")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("=A", "1", "1", "reserve", "5.0", "0.0", "r3", ""),
        ("=A", "2", "1", "release", "-5.0", "0.0", "r3", ""),
        ("A", "1", "1", "reserve", "0.0", "0.0", "r2", ""),
        ("A", "2", "1", "consume", "0.0", "3.0", "", "C1"),
        ("A", "3", "1", "settle", "0.0", "-1.0", "", "C1"),
        ("B", "1", "1", "reserve", "2.5", "0.0", "r1", ""),
        ("B", "2", "1", "consume", "-1.0", "1.0", "r1", "C1"),
    ]
    assert (rows[3]["request_id"], rows[3]["at"], rows[3]["by"]) == ("c1", NOW.isoformat(), "ben")


def test_conditions(work: ReservationWork) -> None:
    """Only what is asked for is written."""

    def ids(**conditions: Any) -> list[str]:  # noqa: ANN401 - any condition
        file = io.StringIO(newline="")
        export_reservations(work, file, **conditions)
        return [row["id"] for row in rows_of(file.getvalue())]

    assert ids(group="key") == ["r3", "r1"]
    assert ids(stock="A") == ["r2"]
    assert ids(states=[ReservationState.ACTIVE, "planned"]) == ["r2", "r1"]


def test_conditions_of_the_ledger(work: ReservationWork) -> None:
    """Only one stock, or one reservation."""

    def entries(**conditions: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any condition
        file = io.StringIO(newline="")
        export_ledger(work, file, **conditions)
        return [(row["stock"], row["kind"]) for row in rows_of(file.getvalue())]

    assert entries(stock="A") == [("A", "reserve"), ("A", "consume")]
    assert entries(reservation="r3") == [("=A", "reserve"), ("=A", "release")]


def test_json_lines(work: ReservationWork, tmp_path: Path) -> None:
    """Whole numbers are numbers; quantities with places are text, and so exact."""
    path = tmp_path / "reservations.jsonl"
    export_reservations(work, path, stock="B")

    (record,) = map(json.loads, path.read_text().splitlines())

    assert (record["quantity"], record["priority"], record["valid_to"]) == ("2.5", 50, None)


def test_pieces_are_whole_numbers() -> None:
    """Where no decimal places are counted there are none."""
    with new_store(places=0).transaction() as work:
        reserve(work, "KEY", "A", 3, request_id="r", at=NOW)
        file = io.StringIO()
        export_reservations(work, file, format="jsonl")

    assert json.loads(file.getvalue())["quantity"] == 3


def test_a_spreadsheet(work: ReservationWork, tmp_path: Path) -> None:
    """Every cell is text, whatever it looks like."""
    path = tmp_path / "ledger.xlsx"
    export_ledger(work, path, stock="B")

    header, *rows = openpyxl.load_workbook(path).worksheets[0].values

    assert header == LEDGER_COLUMNS
    assert [row[:6] for row in rows] == [
        ("B", "1", "1", "reserve", "2.5", "0.0"),
        ("B", "2", "1", "consume", "-1.0", "1.0"),
    ]


def test_options(work: ReservationWork) -> None:
    """Dialect, delimiter and progress are those of every export."""
    told: list[tuple[int, int | None]] = []
    file = io.StringIO(newline="")

    export_reservations(
        work,
        file,
        stock="=A",
        dialect="spreadsheet",
        delimiter=";",
        on_progress=lambda *progress: told.append(progress),
    )

    assert ";'=A;5.0;" in file.getvalue()
    assert told == [(1, None)]


@pytest.mark.parametrize("export", [export_reservations, export_ledger])
def test_what_cannot_be_written(work: ReservationWork, export: Any, tmp_path: Path) -> None:  # noqa: ANN401 - either export
    """An error says so, and no file is left."""
    with pytest.raises(UnknownFormatError):
        export(work, tmp_path / "file.pdf")
    with pytest.raises(InvalidValueError):
        export(work, tmp_path / "file.csv", stock="")
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_calculates_with_few_digits(work: ReservationWork) -> None:
    """Its own precision does not round what remains."""
    reserve(work, "KEY", "C", Decimal("99.9"), request_id="r4", at=NOW)
    file = io.StringIO(newline="")

    with decimal.localcontext(prec=2):
        export_reservations(work, file, stock="C")

    assert rows_of(file.getvalue())[0]["remaining"] == "99.9"


def without_history(reservation: GroupReservation) -> GroupReservation:
    """Return a reservation but for when and by whom it was made."""
    return attrs.evolve(reservation, created_at=NOW, created_by=None)


@st.composite
def asked(draw: st.DrawFn) -> Mapping[str, Any]:
    """Generate what `reserve` is asked for, in order that it can be had."""
    start = draw(st.none() | st.datetimes(datetime(2026, 3, 2), datetime(2030, 1, 1)))  # noqa: DTZ001  zones are generated beside
    zone = draw(st.timezones())
    valid_from = None if start is None else start.replace(tzinfo=zone)
    length = draw(st.none() | st.timedeltas(timedelta(days=2), timedelta(days=900)))
    valid_to = None if length is None else (valid_from or NOW) + length
    return {
        "group": draw(st.sampled_from(["KEY", "CAMPAIGN"])),
        "stock": draw(st.sampled_from(["=1+1", "a;b", '"', "x@y", "  1", "007", "Ä\u0301"])),
        "quantity": draw(st.decimals("0.000001", "9", places=6)),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "priority": draw(st.integers(1, 99)),
        "holds_before_start": draw(st.booleans()),
    }


@given(format=st.sampled_from(list(FORMATS)), requests=st.lists(asked(), max_size=5))
def test_exported_reservations_come_back(format: str, requests: list[Mapping[str, Any]]) -> None:
    """With their ids, windows and quantities; and a second import changes nothing."""
    written, read, dialect = FORMATS[format]
    file = io.BytesIO()
    with new_store(places=6).transaction() as work:
        for number, request in enumerate(requests):
            reserve(work, **request, request_id=f"r{number}", at=NOW)
        before = reserved(work)
        export_reservations(work, file, format=written, dialect=dialect)

    with new_store(places=6).transaction() as work:
        for outcome in ("reserved", "repeated"):
            file.seek(0)
            report = import_reservations(
                work, file, request_id="i", format=read, dialect=dialect, at=NOW
            )
            assert counts_of(report) == ({outcome: len(requests)} if requests else {})
            assert reserved(work) == before


def test_what_is_left_of_reservations_moves(work: ReservationWork) -> None:
    """Where some is consumed, the column of what remains brings over the rest."""
    file = io.BytesIO()
    export_reservations(work, file, states=["active", "planned"])
    file.seek(0)

    with new_store().transaction() as other:
        import_reservations(other, file, request_id="i", columns={"quantity": "remaining"}, at=NOW)

        moved = {each.id: each.quantity for each in reserved(other).values()}
    assert moved == {"r1": Decimal("1.5"), "r2": Decimal("20.0")}


def test_what_has_ended_does_not_come_back(work: ReservationWork) -> None:
    """Nothing is left of what was released or has expired, so a move refuses these rows."""
    expire_due(work, request_id="e", at=NOW + 2 * DAY)
    file = io.BytesIO()
    export_reservations(work, file)
    file.seek(0)

    with new_store().transaction() as other:
        report = import_reservations(
            other, file, request_id="i", columns={"quantity": "remaining"}, at=NOW
        )

        assert set(reserved(other)) == {"r1"}
    refused = [(each.value, each.reason, each.message) for each in report.rejects]
    assert refused == [("0", "quantity", "is not above zero")] * 2
