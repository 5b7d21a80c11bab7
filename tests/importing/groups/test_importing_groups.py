"""Whole groups are imported from a file: every group and every row has an outcome."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.converters import make_converter
from customer_groups.customers import Customer
from customer_groups.errors import (
    ColumnNotFoundError,
    InvalidValueError,
    MalformedFileError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.files.cells import Row, Unclear
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Detected, Findings, Layout
from customer_groups.files.sources import Stream
from customer_groups.importing import (
    GroupCounts,
    GroupsReport,
    import_groups,
    import_groups_into,
)
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.outcomes import Outcome, OutcomeCounts, Reject
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group, list_customers
from customer_groups.service import create_group
from group_files import GroupContents, contents

T = TypeVar("T")

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
LATER = datetime(2026, 2, 3, tzinfo=UTC)
CUSTOMERS = [
    *(Customer(f"C{number}") for number in range(1, 6)),
    Customer("TWO", key="k1"),
    Customer("TWO", key="k2"),
    Customer("OLD", active=False),
    Customer(None, key="bare"),
]
INACTIVE = GroupStatus.INACTIVE


class ConflictingStore(InMemoryGroupStore):
    """A store in which another transaction is in the way of the first attempt."""

    def run(self, operation: Callable[[Any], T]) -> T:
        """Let one attempt fail after all its work is done."""
        with suppress(RetryableConflictError), self.transaction() as work:
            operation(work)
            raise RetryableConflictError("another transaction was first")
        return super().run(operation)


class RushedStore(InMemoryGroupStore):
    """A store in which somebody else changes a group before the first attempt does."""

    def run(self, operation: Callable[[Any], T]) -> T:
        """Let the first attempt come too late."""

        def too_late(group: CustomerGroup) -> CustomerGroup:
            raise StaleGroupError(group.code, 1, 2)

        with self.transaction() as work:
            found = SimpleNamespace(
                atomic=work.groups.atomic, get=work.groups.get, replace=too_late
            )
            with pytest.raises(RetryableConflictError):
                operation(SimpleNamespace(groups=found, customers=work.customers))
        return super().run(operation)


@pytest.fixture
def store() -> ConflictingStore:
    """Return a store without groups."""
    return ConflictingStore(InMemoryStorage(), "t", CUSTOMERS)


@pytest.fixture
def work(store: ConflictingStore) -> Iterator[UnitOfWork]:
    """Yield an open unit of work."""
    with store.transaction() as work:
        yield work


def total(report: GroupsReport) -> int:
    """Return how many rows were counted."""
    outcomes = sum(report.customers.by_outcome().values())
    return outcomes + report.rows_without_customer + report.rows_refused


def reasons(report: GroupsReport) -> list[tuple[int, str, str]]:
    """Return lines, values and reasons of the rejects."""
    return [(reject.line, reject.value, reject.reason) for reject in report.rejects]


def test_a_report_says_what_became_of_each_row(work: UnitOfWork) -> None:
    """A spreadsheet that a person made: groups by name, customers by code."""
    create_group(work, "Old hands", code="OLD", at=MOMENT)
    text = (
        "Customer No.;Group;Status\n"
        "C1;VIP;active\n"
        "C2; vip ;\n"
        "C2; vip ;\n"
        "\n"
        "NONE;VIP;\n"
        "C3;Old Hands;Inactive\n"
        "TWO;Old Hands;\n"
        "OLD;New;\n"
        "C4;New;retired\n"
        ";Empty;inactive\n"
    )
    report = import_groups(work, text, by="anna", at=LATER)
    assert report == GroupsReport(
        groups=GroupCounts(created=3, updated=1, unchanged=0),
        customers=OutcomeCounts(duplicate=1, unknown=1, ambiguous=1, inactive=1, added=3),
        rows=9,
        rows_without_customer=1,
        rows_refused=1,
        blank_lines=1,
        header_lines=1,
        rejects=(
            Reject(6, "NONE", Outcome.UNKNOWN, "unknown", "no customer has it"),
            Reject(8, "TWO", Outcome.AMBIGUOUS, "ambiguous", "several customers have it"),
            Reject(9, "OLD", Outcome.INACTIVE, "inactive", "the customer is not active"),
            Reject(10, "retired", Outcome.MALFORMED, "status", "is none of: active, inactive"),
        ),
        dry_run=False,
        detected=Detected(format="delimited", delimiter=";"),
        columns={"group_name": "Group", "status": "Status", "customer_code": "Customer No."},
        ignored=(),
    )
    assert total(report) == report.rows
    assert report.rejects_omitted == 0
    assert contents(work) == {
        "CG-000001": GroupContents("VIP", members=("C1", "C2")),
        "CG-000002": GroupContents("New"),
        "CG-000003": GroupContents("Empty", INACTIVE),
        "OLD": GroupContents("Old hands", INACTIVE, members=("C3",)),
    }
    old = get_group(work, "OLD").group
    assert (old.created_at, old.updated_at, old.updated_by, old.version) == (
        MOMENT,
        LATER,
        "anna",
        2,
    )
    new = get_group(work, "CG-000003").group
    assert (new.created_at, new.created_by, new.updated_by) == (LATER, "anna", "anna")
    (first, _) = list_customers(work, "CG-000001").items
    assert first.membership.added_by == "anna"


def test_a_second_import_changes_nothing(work: UnitOfWork) -> None:
    """Groups are unchanged, and customers are members already."""
    text = 'group code,group name,attributes,customer\nA,All,"{""x"": ""1""}",C1\nB,Both,,C2\n'
    import_groups(work, text, at=MOMENT)
    before = [get_group(work, code) for code in "AB"]
    report = import_groups(work, text, at=LATER)
    assert report.groups == GroupCounts(created=0, updated=0, unchanged=2)
    assert report.customers == OutcomeCounts(already_member=2)
    assert [get_group(work, code) for code in "AB"] == before


def test_a_code_finds_the_group_and_the_rest_updates_it(work: UnitOfWork) -> None:
    """What the row leaves empty stays; members stay, too."""
    create_group(work, "First", code="A", attributes={"x": "1"}, customers=["C1"])
    create_group(work, "Second", code="B", attributes={"x": "1"})
    text = "group code,group,status,attributes,customer code\n a ,Other,,,C2\nB,,inactive,{},\n"
    report = import_groups(work, text)
    assert report.groups == GroupCounts(created=0, updated=2, unchanged=0)
    assert contents(work) == {
        "A": GroupContents("Other", attributes={"x": "1"}, members=("C1", "C2")),
        "B": GroupContents("Second", INACTIVE),
    }
    assert get_group(work, "B").group.version == 2


def test_a_code_spells_the_name_anew_and_a_name_does_not(work: UnitOfWork) -> None:
    """Who names a group by its name may write it as it comes."""
    create_group(work, "vip", code="A")
    import_groups(work, "group\nVIP\n")
    assert contents(work)["A"].name == "vip"
    import_groups(work, "group code;group\nA;VIP\n")
    assert contents(work)["A"].name == "VIP"


def test_a_key_is_better_than_a_code(work: UnitOfWork) -> None:
    """A row without a key names its customer by code; keys can be left out."""
    rows = "group,customer key,customer code\nAll,k2,TWO\nAll,,C1\nAll, ,TWO\nAll,k3,C2\n"
    report = import_groups(work, rows)
    assert contents(work)["CG-000001"].members == ("C1", "k2")
    assert reasons(report) == [(4, "TWO", "ambiguous"), (5, "k3", "unknown")]
    report = import_groups(work, rows, columns={"customer_key": None})
    assert "customer_key" not in report.columns
    assert contents(work)["CG-000001"].members == ("C1", "C2", "k2")


def test_a_key_and_a_code_have_to_mean_the_same_customer(work: UnitOfWork) -> None:
    """Somebody may have corrected the code only; who has no code can have none in the file."""
    rows: list[dict[str, object]] = [
        {"customer_key": "k1", "customer_code": " TWO "},
        {"customer_key": "C1", "customer_code": "C2"},
        {"customer_key": "C3", "customer_code": 3},
        {"customer_key": "C4"},
        {"customer_key": "C\x07", "customer_code": "C5"},
        {"customer_key": "gone", "customer_code": "C5"},
        {"customer_key": "bare", "customer_code": "C5"},
    ]
    text = "\n".join(json.dumps({"group": "All", **row}) for row in rows)
    report = import_groups(work, text, format="jsonl")
    assert reasons(report) == [
        (2, "C2", "key_and_code_differ"),
        (3, "3", "key_and_code_differ"),
        (5, "C\x07", "bad_character"),
        (6, "gone", "unknown"),
    ]
    message = "is not the code of the customer with the key C1; correct one of them"
    assert report.rejects[0].message == message
    assert report.customers == OutcomeCounts(added=3, malformed=3, unknown=1)
    assert contents(work)["CG-000001"].members == ("C4", "bare", "k1")
    corrected = text.replace('"C2"', '"C1"')
    assert import_groups(work, corrected, format="jsonl").customers.added == 1


def test_columns_mean_the_same_in_the_whole_file(work: UnitOfWork) -> None:
    """A field of the last object may make others mean something else, in the first one, too."""
    text = '{"code": "C1", "name": "A"}\n{"code": "C2", "group": "B"}\n'
    report = import_groups(work, text, format="jsonl")
    assert report.columns == {"group_name": "group", "customer_code": "code"}
    assert report.ignored == ("name",)
    assert reasons(report) == [(1, "", "no_group")]
    assert contents(work) == {"CG-000001": GroupContents("B", members=("C2",))}


def test_objects_with_a_new_field_each_take_no_time(work: UnitOfWork) -> None:
    """The fields are found once, however many names there are."""
    rows: list[dict[str, object]] = [
        {"group": "A", "x" * 99 + str(number): number} for number in range(990)
    ]
    begun = time.process_time()
    report = import_groups(work, "\n".join(map(json.dumps, rows)), format="jsonl")
    assert time.process_time() - begun < 3  # it took half a minute
    assert len(report.ignored) == 990


def test_a_list_of_customers_in_one_field_is_told_to_be_ignored(work: UnitOfWork) -> None:
    """It has to be a row for each of them."""
    report = import_groups(work, '{"group": "A", "customers": ["C1", "C2"]}', format="jsonl")
    assert (report.ignored, report.rows_without_customer) == (("customers",), 1)


def test_a_group_may_come_again_later(work: UnitOfWork) -> None:
    """Its later rows add customers; it is counted once."""
    report = import_groups(work, "group;customer\nA;C1\nB;C1\nA;C2\nB;C2\nA;C1\n")
    assert report.groups == GroupCounts(created=2, updated=0, unchanged=0)
    assert report.customers == OutcomeCounts(duplicate=1, added=4)


def test_thousands_of_rows_are_added_at_a_time(work: UnitOfWork) -> None:
    """Beyond these a customer who comes again is a member already, and no row is lost."""
    rows = ["A,C1", "B,C1", "A,C1", *["A,C2", "B,C3"] * 5_000, "B,C1", "A,N"]
    report = import_groups(work, "\n".join(["group,customer", *rows]))
    assert report.rows == total(report) == len(rows) == 10_005
    assert report.customers == OutcomeCounts(added=4, already_member=3, duplicate=9_997, unknown=1)
    assert reasons(report) == [(10_006, "N", "unknown")]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["C1", "N", "OLD", "\x07"]))))
def test_the_order_of_rows_makes_no_difference(rows: list[tuple[str, str]]) -> None:
    """Sorted by group or not: the same members, the same outcomes, and rejects by line."""
    seen = []
    for some in (rows, sorted(rows)):
        with InMemoryGroupStore(InMemoryStorage(), "t", CUSTOMERS).transaction() as work:
            text = "".join(f"{group},{code}\n" for group, code in [("group", "customer"), *some])
            report = import_groups(work, text)
            groups = {(group.name, group.members) for group in contents(work).values()}
        assert [each.line for each in report.rejects] == sorted(
            each.line for each in report.rejects
        )
        for each in report.rejects:
            assert each.value == some[each.line - 2][1]
        seen.append((groups, report.customers))
    assert seen[0] == seen[1]


def test_a_report_can_be_kept(work: UnitOfWork) -> None:
    """As JSON, and it comes back equal."""
    report = import_groups(work, "group,customer\nA,C1\nA,N\n,C2\n")
    converter = make_converter()
    record = json.loads(json.dumps(converter.unstructure(report)))
    assert converter.structure(record, GroupsReport) == report


def test_rows_of_a_group_must_agree(work: UnitOfWork) -> None:
    """The first row decides; another one that would change the group is refused."""
    create_group(work, "B", code="B")
    text = (
        '{"group code": "A", "group": "One", "customer": "C1"}\n'
        '{"group code": "A", "group": "Two", "customer": "C2"}\n'
        '{"group code": "A", "group": "One", "status": "active", "customer": "C3"}\n'
        '{"group code": "A", "attributes": {"x": "1"}, "customer": "C4"}\n'
        '{"group code": "B", "status": "active"}\n'
        '{"group code": "B", "status": "inactive"}\n'
    )
    report = import_groups(work, text, format="jsonl")
    assert reasons(report) == [
        (2, "Two", "contradiction"),
        (4, '{"x": "1"}', "contradiction"),
        (6, "inactive", "contradiction"),
    ]
    assert report.rejects[0].message == "is not what an earlier line says of the group A"
    assert (report.rows_refused, report.rows_without_customer, total(report)) == (3, 1, 6)
    assert contents(work) == {
        "A": GroupContents("One", members=("C1", "C3")),
        "B": GroupContents("B"),
    }


@pytest.mark.parametrize(
    ("row", "value", "reason", "message"),
    [
        ({"group code": "A b"}, "A b", "group_code", "is not 1 to 32 letters"),
        ({"group": "x" * 101}, "x" * 101, "group_name", "is longer than 100 characters"),
        ({"group": 7}, "7", "group_name", "is not text"),
        ({"group": "New", "status": "on"}, "on", "status", "is none of: active, inactive"),
        ({"group": "New", "status": 1}, "1", "status", "is none of: active, inactive"),
        ({"group": "New", "attributes": "{"}, "{", "attributes", "is not a JSON object"),
        ({"group": "New", "attributes": "[" * 9_999}, "[" * 1_000, "attributes", "is not a JSON"),
        ({"group": "New", "attributes": "[]"}, "[]", "attributes", "is not a JSON object"),
        ({"group": "New", "attributes": 5}, "5", "attributes", "is not a JSON object"),
        (
            {"group": "New", "attributes": {"x": 5}},
            '{"x": 5}',
            "attributes",
            "cannot be used: attribute x 5 is not text",
        ),
        ({"group code": "NEW"}, "NEW", "group_name", "is the code of no group, and has no name"),
        ({"group code": "NEW", "group": "taken"}, "taken", "name_taken", "of the group TAKEN"),
        ({"group code": "OTHER", "group": "taken"}, "taken", "name_taken", "of the group TAKEN"),
        ({"group": " "}, "", "no_group", "is neither the code nor the name of a group"),
    ],
)
def test_a_row_is_refused_for_what_it_says_of_its_group(
    work: UnitOfWork, row: dict[str, object], value: str, reason: str, message: str
) -> None:
    """Its customer is not added, nothing else is stored, and other rows are imported."""
    create_group(work, "Taken", code="TAKEN")
    create_group(work, "Other", code="OTHER")
    before = contents(work)
    rows = [{**row, "customer": "C1"}, {**row, "customer": "C2"}, {"group": "Last"}]
    report = import_groups(work, "\n".join(map(json.dumps, rows)), format="jsonl")
    assert reasons(report) == [(1, value, reason), (2, value, reason)]
    assert all(message in reject.message for reject in report.rejects)
    assert {reject.outcome for reject in report.rejects} == {Outcome.MALFORMED}
    assert (report.rows_refused, report.rows_without_customer) == (2, 1)
    assert {code for code in contents(work) if code not in before} == {"CG-000001"}
    assert contents(work) == {**before, "CG-000001": GroupContents("Last")}


def test_a_customer_that_cannot_be_one_is_an_outcome(work: UnitOfWork) -> None:
    """The group is there all the same, and so are its other customers."""
    text = (
        '{"group": "All", "customer": "C1"}\n'
        '{"group": "All", "customer": 5}\n'
        '{"group": "All", "customer": "C\\u0007"}\n'
        '{"group": "All", "customer": "NONE"}\n'
    )
    report = import_groups(work, text, format="jsonl")
    assert report.customers == OutcomeCounts(malformed=2, unknown=1, added=1)
    assert reasons(report) == [
        (2, "5", "not_text"),
        (3, "C\x07", "bad_character"),
        (4, "NONE", "unknown"),
    ]
    assert report.rows_refused == 0


class SheetReader:
    """Reads a sheet whose cells are known beforehand, as a host might."""

    name = "sheet"

    def __init__(self, *rows: tuple[object, ...]) -> None:
        """Have these rows."""
        self._rows = rows

    def rows(self, _stream: Stream, _layout: Layout, _findings: Findings) -> Iterator[Row]:
        """Yield the rows."""
        yield from enumerate(self._rows, 1)


def test_what_cannot_be_known_is_a_reject_of_its_row(work: UnitOfWork) -> None:
    """A cell that was no text is not guessed at; but only where it is needed."""
    date = Unclear("45000", "date", "is a date")
    reader = SheetReader(
        ("group", "customer", "since"), ("All", "C1", date), ("All", date, ""), (date, "C2", "")
    )
    rejects = io.StringIO()
    report = import_groups(work, "", format=reader, rejects=rejects)
    assert "\nAll,45000,,3,45000,malformed,date,is a date\r\n" in rejects.getvalue()
    assert reasons(report) == [(3, "45000", "date"), (4, "45000", "date")]
    assert (report.customers.malformed, report.rows_refused) == (1, 1)
    assert contents(work) == {"CG-000001": GroupContents("All", members=("C1",))}


def test_what_json_cannot_hold_is_a_reject_as_well(work: UnitOfWork) -> None:
    """A host's own reader may yield anything, and none of it becomes text, or attributes."""
    reader = SheetReader(("group", "attributes", "customer"), ("All", MOMENT, "C1"), ("B", "", 1j))
    rejects = io.StringIO()
    report = import_groups(work, "", format=reader, rejects=rejects)
    assert reasons(report) == [(2, repr(MOMENT), "not_text"), (3, "1j", "not_text")]
    assert "\nB,,1j,3,1j,malformed,not_text,is not text\r\n" in rejects.getvalue()


def test_a_dry_run_reports_and_undoes(work: UnitOfWork) -> None:
    """The report is the same, but for saying so."""
    create_group(work, "All", code="A")
    before = contents(work)
    text = "group,status,customer\nall,inactive,C1\nNew,,C2\n,,C3\n"
    tried = import_groups(work, text, dry_run=True)
    assert tried.dry_run
    assert contents(work) == before
    done = import_groups(work, text)
    assert (tried.groups, tried.customers, tried.rejects) == (
        done.groups,
        done.customers,
        done.rejects,
    )


def test_an_error_undoes_everything(work: UnitOfWork) -> None:
    """What stands before the line that cannot be read is not imported either."""
    with pytest.raises(MalformedFileError):
        import_groups(work, 'group,customer\nAll,C1\n"All,C2\n')
    assert contents(work) == {}


def test_a_source_of_values_has_no_columns(work: UnitOfWork) -> None:
    """A list of texts is a mistake, not a file without groups."""
    with pytest.raises(InvalidValueError, match="has no columns; pass text, a path"):
        import_groups(work, ["group", "All"])  # type: ignore[arg-type]


def test_an_empty_file_has_no_groups(work: UnitOfWork) -> None:
    """Nothing is no error."""
    report = import_groups(work, "\n")
    assert (report.rows, report.blank_lines, report.columns) == (0, 1, {})


def test_limits_and_progress(work: UnitOfWork) -> None:
    """Rejects in the report are limited, and all are counted; the host sees how far it is."""
    told: list[tuple[int, int | None]] = []
    text = "group,customer\nAll,N1\nAll,N2\nAll,N3\n"
    report = import_groups(
        work,
        text,
        limits=Limits(reported_rejects=2),
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert [reject.line for reject in report.rejects] == [2, 3]
    assert report.rejects_omitted == 1
    assert told[-1] == (len(text), len(text))


def test_a_transaction_of_its_own_is_repeated(store: ConflictingStore) -> None:
    """A second attempt begins anew, with a file that can be read only once."""
    source = io.StringIO("group,customer\nAll,C1\nAll,NONE\n")
    rejects = io.StringIO()
    report = import_groups_into(store, source, rejects=rejects, by="anna")
    assert (report.groups.created, report.customers.added, len(report.rejects)) == (1, 1, 1)
    assert rejects.getvalue().count("NONE") == 2
    with store.transaction() as work:
        assert contents(work) == {"CG-000001": GroupContents("All", members=("C1",))}


def test_a_group_that_was_changed_meanwhile_is_worth_another_attempt() -> None:
    """The next attempt reads what is there now."""
    store = RushedStore(InMemoryStorage(), "t", CUSTOMERS)
    with store.transaction() as work:
        create_group(work, "All", code="A")
    report = import_groups_into(store, "group code,group\nA,Every\n")
    assert report.groups.updated == 1


def test_a_dry_run_in_a_transaction_of_its_own(store: ConflictingStore) -> None:
    """Nothing is committed."""
    assert import_groups_into(store, "group\nAll\n", dry_run=True).groups.created == 1
    with store.transaction() as work:
        assert contents(work) == {}


def test_rejects_cannot_replace_the_file(work: UnitOfWork, tmp_path: Path) -> None:
    """It would be gone before anybody has corrected it."""
    path = tmp_path / "groups.csv"
    path.write_text("group\nAll\n")
    with pytest.raises(InvalidValueError, match="is the list itself"):
        import_groups(work, path, rejects=path)


def test_arguments_are_checked(work: UnitOfWork) -> None:
    """Before anything is read."""
    for wrong in ({"by": ""}, {"at": datetime(2026, 1, 1)}, {"dialect": "odd"}):  # noqa: DTZ001
        with pytest.raises(InvalidValueError):
            import_groups(work, "group\nAll\n", **wrong)
    with pytest.raises(ColumnNotFoundError):
        import_groups(work, "team\nAll\n")
    assert contents(work) == {}
