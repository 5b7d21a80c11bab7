"""One function for each use case, on each of our adapters."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from customer_groups.codes import GroupCode, RandomCodes, SequentialCodes, parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    CodesExhaustedError,
    CustomersRejectedError,
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidGroupCodeError,
    InvalidNameError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.outcomes import Outcome, OutcomeCounts, Reject
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group, list_customers, search_groups
from customer_groups.service import (
    MembersChange,
    activate_group,
    add_customers,
    change_attributes,
    create_group,
    deactivate_group,
    delete_group,
    remove_customers,
    rename_group,
    set_customers,
)
from stores import CUSTOMERS, MOMENT, STORES

LATER = MOMENT + timedelta(days=1)
CHANGES = [add_customers, remove_customers, set_customers]


@pytest.fixture(params=STORES)
def work(request: pytest.FixtureRequest) -> Iterator[UnitOfWork]:
    """Yield a unit of work of each adapter, without groups."""
    with STORES[request.param](CUSTOMERS) as store, store.transaction() as work:
        yield work


@pytest.fixture
def group(work: UnitOfWork) -> CustomerGroup:
    """Return the group KEY with two customers."""
    return create_group(
        work, "Key accounts", code="KEY", customers=["ONE", "TWO"], by="anna", at=MOMENT
    )


def members(work: UnitOfWork, code: str = "KEY") -> str:
    """Return the keys of the members of a group."""
    return " ".join(each.membership.customer for each in list_customers(work, code).items)


def test_a_group_is_created_as_it_was_asked_for(work: UnitOfWork) -> None:
    """Code, name, attributes, customers, who and when are stored."""
    created = create_group(
        work,
        " Key   accounts",
        code=" vip-1 ",
        attributes={"region": "north"},
        customers=["ONE", " REUSED "],
        by="anna",
        at=MOMENT,
    )
    assert created == CustomerGroup(
        "VIP-1", "Key accounts", MOMENT, "anna", attributes={"region": "north"}
    )
    summary = get_group(work, "VIP-1")
    assert summary.group == created
    assert (summary.customers, summary.members_changed_at) == (2, MOMENT)
    assert summary.members_changed_by == "anna"
    assert members(work, "VIP-1") == "ONE k4"


def test_a_group_by_default(work: UnitOfWork) -> None:
    """Without more than a name, the code is drawn, the time is now, and nobody did it."""
    before = datetime.now(UTC)
    created = create_group(work, "Key accounts")
    assert before <= created.created_at <= datetime.now(UTC)
    assert (created.code, created.created_by) == ("CG-000001", None)
    assert create_group(work, "Other").code == "CG-000002"
    assert get_group(work, "CG-000002").members_version == 0


def test_customers_may_be_keys(work: UnitOfWork) -> None:
    """A key is never ambiguous."""
    create_group(work, "Twin", code="KEY", customers=["k1", "k5"], by_key=True)
    assert members(work) == "k1 k5"


@pytest.mark.parametrize(
    ("customers", "rejects"),
    [
        (["NOBODY"], ((1, "NOBODY", Outcome.UNKNOWN),)),
        (["ONE", "TWIN"], ((2, "TWIN", Outcome.AMBIGUOUS),)),
        (["ONE", "ONE", "SLEEPING"], ((3, "SLEEPING", Outcome.INACTIVE),)),
        (
            ["NOBODY", "a\tb", "ONE", ""],
            (
                (1, "NOBODY", Outcome.UNKNOWN),
                (2, "a\tb", Outcome.MALFORMED),
                (4, "", Outcome.MALFORMED),
            ),
        ),
    ],
)
def test_rejected_customers_keep_a_group_from_being_created(
    work: UnitOfWork, customers: list[str], rejects: tuple[tuple[int, str, Outcome], ...]
) -> None:
    """Nothing is stored, and every reject is told with its number and outcome."""
    with pytest.raises(CustomersRejectedError) as caught:
        create_group(work, "Key accounts", customers=customers)
    assert caught.value.rejects == rejects
    assert search_groups(work).items == ()
    assert create_group(work, "Key accounts", customers=["ONE"]).name == "Key accounts"


@pytest.mark.parametrize("change", CHANGES)
def test_one_text_is_no_list(
    work: UnitOfWork, group: CustomerGroup, change: Callable[..., object]
) -> None:
    """A text would be taken for a list of its characters, so it is refused."""
    with pytest.raises(InvalidValueError, match="pass a list"):
        change(work, group.code, "ONE")
    with pytest.raises(InvalidValueError, match="pass a list"):
        create_group(work, "Other", customers="ONE")
    assert members(work) == "ONE TWO"
    assert len(search_groups(work).items) == 1


def test_names_and_codes_that_cannot_be(work: UnitOfWork) -> None:
    """What breaks the rules of the model is refused."""
    with pytest.raises(InvalidNameError):
        create_group(work, " ")
    with pytest.raises(InvalidGroupCodeError):
        create_group(work, "Group", code="ä")
    with pytest.raises(InvalidValueError, match="time zone"):
        create_group(work, "Group", at=datetime(2026, 1, 1))  # noqa: DTZ001  on purpose
    assert search_groups(work).items == ()


def test_a_collision_says_which_group_it_is_with(work: UnitOfWork, group: CustomerGroup) -> None:
    """A taken code or name is refused with the code of the group that has it."""
    with pytest.raises(DuplicateCodeError) as code:
        create_group(work, "Other", code="key")
    assert code.value.code == group.code
    with pytest.raises(DuplicateNameError) as name:
        create_group(work, "KEY  ACCOUNTS", code="OTHER")
    assert (name.value.name, name.value.code) == ("KEY ACCOUNTS", group.code)
    create_group(work, "Other", code="OTHER")
    with pytest.raises(DuplicateNameError) as renamed:
        rename_group(work, "OTHER", "key accounts")
    assert renamed.value.code == group.code


def test_a_drawn_code_that_is_taken_is_drawn_again(work: UnitOfWork) -> None:
    """Taken numbers are passed over, and not given back by trying again."""
    for number in (1, 2):
        create_group(work, f"Taken {number}", code=f"CG-00000{number}")
    assert create_group(work, "New").code == "CG-000003"
    assert work.groups.next_number("codes:CG-") == 4


def test_drawing_gets_past_codes_that_were_given_by_hand(work: UnitOfWork) -> None:
    """Twice as many are drawn after each collision, so that a block of them is no wall."""
    for number in range(1, 1_001):
        work.groups.add(CustomerGroup(GroupCode(f"CG-{number:06}"), f"Taken {number}", MOMENT))
    assert create_group(work, "New").code == "CG-001023"


@attrs.define
class Stubborn:
    """Draws one code, whatever happens, and counts how often."""

    drawn: int = 0

    def draw(self, _next_number: Callable[[str], int]) -> GroupCode:
        """Return it."""
        self.drawn += 1
        return GroupCode("TAKEN")


def test_drawing_codes_ends(work: UnitOfWork) -> None:
    """After a dozen and a half collisions the caller is told."""
    create_group(work, "Taken", code="TAKEN")
    stubborn = Stubborn()
    with pytest.raises(CodesExhaustedError) as caught:
        create_group(work, "New", codes=stubborn)
    assert (caught.value.collisions, stubborn.drawn) == (17, 131_071)


def test_customers_are_read_once_while_codes_are_drawn(work: UnitOfWork) -> None:
    """A generator of customers survives that the first code was taken."""
    create_group(work, "Taken", code="CG-000001")
    created = create_group(work, "New", customers=(code for code in ["ONE", "TWO"]))
    assert members(work, created.code) == "ONE TWO"


def test_other_generators_of_codes(work: UnitOfWork) -> None:
    """A host brings its own generator, and a name that is taken is not drawn for again."""
    drawn = create_group(work, "Random", codes=RandomCodes(random.Random(1)))
    assert len(drawn.code) == 8
    checked = create_group(work, "Checked", codes=SequentialCodes("G", 3, check=True))
    assert checked.code.startswith("G001")
    with pytest.raises(DuplicateNameError):
        create_group(work, "checked", codes=SequentialCodes("G", 3))
    assert work.groups.next_number("codes:G") == 3


def test_an_error_of_the_generator_passes(work: UnitOfWork) -> None:
    """What a generator raises reaches the caller, and nothing is stored."""

    class Broken:
        def draw(self, next_number: Callable[[str], int]) -> GroupCode:
            raise KeyError(next_number("broken"))

    with pytest.raises(KeyError):
        create_group(work, "Group", codes=Broken())
    assert search_groups(work).items == ()


def test_a_group_is_renamed(work: UnitOfWork, group: CustomerGroup) -> None:
    """Name, who, when and version change; the customers stay."""
    renamed = rename_group(work, " key ", "VIPs", version=1, by="bert", at=LATER)
    assert renamed == get_group(work, "KEY").group
    assert (renamed.name, renamed.version) == ("VIPs", 2)
    assert (renamed.updated_at, renamed.updated_by) == (LATER, "bert")
    assert renamed.created == group.created
    assert members(work) == "ONE TWO"


def test_a_group_is_renamed_to_a_variant(work: UnitOfWork, group: CustomerGroup) -> None:
    """A group may change the spelling of its own name."""
    assert rename_group(work, group.code, "KEY ACCOUNTS").name == "KEY ACCOUNTS"


def test_a_change_that_changes_nothing(work: UnitOfWork, group: CustomerGroup) -> None:
    """Version, who and when stay where a group is so already."""
    assert rename_group(work, group.code, " Key  accounts", by="bert") == group
    assert activate_group(work, group.code, by="bert") == group
    assert change_attributes(work, group.code, {}, by="bert") == group
    assert get_group(work, group.code).group == group


def test_a_group_is_switched_off_and_on(work: UnitOfWork, group: CustomerGroup) -> None:
    """An inactive group keeps its members and may be edited."""
    off = deactivate_group(work, group.code, by="bert", at=LATER)
    assert (off.status, off.version) == (GroupStatus.INACTIVE, 2)
    assert (off.updated_at, off.updated_by) == (LATER, "bert")
    assert add_customers(work, group.code, ["APART"]).counts.added == 1
    assert work.groups.groups_of([CustomerKey("ONE")], status=GroupStatus.ACTIVE)["ONE"] == ()  # type: ignore[index]
    on = activate_group(work, group.code, at=LATER)
    assert (on.status, on.version, on.updated_by) == (GroupStatus.ACTIVE, 3, None)
    assert members(work) == "ONE TWO k6"


def test_attributes_are_replaced(work: UnitOfWork, group: CustomerGroup) -> None:
    """All fields of the host are replaced together."""
    change_attributes(work, group.code, {"a": "1", "b": "2"})
    changed = change_attributes(work, group.code, {"b": "3"}, by="bert", at=LATER)
    assert dict(changed.attributes) == {"b": "3"}
    assert get_group(work, group.code).group == changed
    assert (changed.version, changed.updated_by) == (3, "bert")


@pytest.mark.parametrize(
    "change",
    [
        lambda work, code, version: rename_group(work, code, "New", version=version),
        lambda work, code, version: activate_group(work, code, version=version),
        lambda work, code, version: deactivate_group(work, code, version=version),
        lambda work, code, version: change_attributes(work, code, {"a": "b"}, version=version),
        lambda work, code, version: delete_group(work, code, version=version),
    ],
    ids=["rename", "activate", "deactivate", "attributes", "delete"],
)
def test_a_stale_version_is_refused(
    work: UnitOfWork, group: CustomerGroup, change: Callable[[UnitOfWork, str, int], object]
) -> None:
    """Who saw an older version has to look again, and a missing group is said to be missing."""
    renamed = rename_group(work, group.code, "Renamed")
    with pytest.raises(StaleGroupError) as caught:
        change(work, group.code, 1)
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    assert get_group(work, group.code).group == renamed
    with pytest.raises(GroupNotFoundError):
        change(work, "MISSING", 1)
    change(work, group.code, 2)


def test_a_group_is_deleted(work: UnitOfWork, group: CustomerGroup) -> None:
    """Its code and name are free afterwards."""
    delete_group(work, " key ")
    assert search_groups(work).items == ()
    create_group(work, group.name, code=group.code)
    assert members(work) == ""


def test_customers_are_added(work: UnitOfWork, group: CustomerGroup) -> None:
    """What became of each customer is counted, and rejects do not keep the others out."""
    listed = ["APART", " ONE", "APART", "NOBODY", "TWIN", "SLEEPING", "", "REUSED"]
    assert add_customers(work, "key", listed, by="bert", at=LATER) == MembersChange(
        OutcomeCounts(
            malformed=1,
            duplicate=1,
            unknown=1,
            ambiguous=1,
            already_member=1,
            inactive=1,
            added=2,
            at=LATER,
        ),
        (
            Reject(4, "NOBODY", Outcome.UNKNOWN, "unknown", "no customer has it"),
            Reject(5, "TWIN", Outcome.AMBIGUOUS, "ambiguous", "several customers have it"),
            Reject(6, "SLEEPING", Outcome.INACTIVE, "inactive", "the customer is not active"),
            Reject(7, "", Outcome.MALFORMED, "empty", "is empty"),
        ),
    )
    shown = list_customers(work, "KEY").items
    added = {each.membership.customer: each.membership for each in shown}
    assert list(added) == ["ONE", "TWO", "k4", "k6"]
    assert [(each.added_at, each.added_by) for each in added.values()] == [
        *[(MOMENT, "anna")] * 2,
        *[(LATER, "bert")] * 2,
    ]
    assert get_group(work, "KEY").group == group


def test_customers_are_removed(work: UnitOfWork, group: CustomerGroup) -> None:
    """Members leave; who is none is counted, and only what cannot be meant is rejected."""
    listed = ["ONE", "APART", "NOBODY", "ONE"]
    change = remove_customers(work, group.code, listed, by="bert", at=LATER)
    assert change == MembersChange(
        OutcomeCounts(removed=1, not_a_member=1, unknown=1, duplicate=1, at=LATER),
        (Reject(3, "NOBODY", Outcome.UNKNOWN, "unknown", "no customer has it"),),
    )
    assert members(work) == "TWO"
    assert get_group(work, group.code).members_changed_by == "bert"


def test_a_deleted_customer_is_removed_by_its_key(work: UnitOfWork, group: CustomerGroup) -> None:
    """A member whom the host has no longer can still leave."""
    work.groups.rekey_customers({CustomerKey("ONE"): CustomerKey("GONE")}, at=LATER, by=None)
    assert remove_customers(work, group.code, ["GONE"]).counts.removed == 1
    assert members(work) == "TWO"


def test_customers_are_set(work: UnitOfWork, group: CustomerGroup) -> None:
    """Those who are listed stay or join, all others leave, and both are told."""
    change = set_customers(work, group.code, ["TWO", "APART", "NOBODY"], by="bert", at=LATER)
    assert change == MembersChange(
        OutcomeCounts(added=1, already_member=1, unknown=1, removed=1, at=LATER),
        (Reject(3, "NOBODY", Outcome.UNKNOWN, "unknown", "no customer has it"),),
    )
    assert members(work) == "TWO k6"
    assert set_customers(work, group.code, []).counts.removed == 2
    assert members(work) == ""


def test_customers_by_key(work: UnitOfWork, group: CustomerGroup) -> None:
    """Lists of keys work in every change."""
    assert add_customers(work, group.code, ["k1", "k5"], by_key=True).counts.added == 2
    assert remove_customers(work, group.code, ["k1", "TWIN"], by_key=True).counts.removed == 1
    assert set_customers(work, group.code, ["k5", "k2"], by_key=True).counts.removed == 2
    assert members(work) == "k2 k5"


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_for_no_group(work: UnitOfWork, change: Callable[..., object]) -> None:
    """A group that is missing, or a code that cannot be one, is said to be so."""
    with pytest.raises(GroupNotFoundError):
        change(work, "MISSING", ["ONE"])
    with pytest.raises(InvalidGroupCodeError):
        change(work, "", ["ONE"])


def test_a_change_without_a_time_is_now(work: UnitOfWork, group: CustomerGroup) -> None:
    """at=None means now, and still after the last change."""
    before = datetime.now(UTC)
    changed = add_customers(work, group.code, ["APART"]).counts.at
    assert changed is not None
    assert before <= changed <= datetime.now(UTC)
    assert parse_group_code(group.code) == group.code
