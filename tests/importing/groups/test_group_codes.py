"""Codes that are drawn for groups without any get into nobody's way."""

import random
from collections.abc import Callable, Iterator

import attrs
import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.codes import GroupCode, RandomCodes, SequentialCodes
from customer_groups.customers import Customer
from customer_groups.errors import CodesExhaustedError
from customer_groups.importing import import_groups
from customer_groups.importing.groups.codes import codes_among
from customer_groups.repository import UnitOfWork
from customer_groups.service import create_group
from group_files import GroupContents, contents


@pytest.fixture
def work() -> Iterator[UnitOfWork]:
    """Yield an open unit of work on a store without groups."""
    customers = [Customer("C1"), Customer("C2")]
    with InMemoryGroupStore(InMemoryStorage(), "t", customers).transaction() as work:
        yield work


def test_codes_drawn_later_are_behind_those_of_the_file(work: UnitOfWork) -> None:
    """However many came: a generator that collides too often gives up."""
    import_groups(work, "group code,group\nCG-000001,A\nCG-000002,B\nCG-000003,C\n")
    assert create_group(work, "Next").code == "CG-000004"


def test_codes_of_the_file_with_a_gap_before_them_are_no_wall(work: UnitOfWork) -> None:
    """The series stops at the first of many, and gets past them all at once."""
    rows = [f"CG-{number:06},G{number}\n" for number in range(1_200, 2_400)]
    import_groups(work, "group code,group\n" + "".join(rows))
    assert work.groups.next_number("codes:CG-") == 1_201
    first = create_group(work, "Next").code
    assert first > "CG-002399"
    assert int(create_group(work, "After").code[3:]) == int(first[3:]) + 1


def test_codes_are_drawn_where_the_file_has_none(work: UnitOfWork) -> None:
    """Taken ones are left out, those of earlier and of later rows among them."""
    text = "group code,group\n,Two\nG1,One\n,Four\n G3 ,Three\n,Five\n"
    import_groups(work, text, codes=SequentialCodes("G", width=1))
    assert {code: group.name for code, group in contents(work).items()} == {
        "G1": "One",
        "G2": "Two",
        "G3": "Three",
        "G4": "Four",
        "G6": "Five",
    }


def test_a_code_further_down_is_not_drawn_even_if_no_group_has_it(work: UnitOfWork) -> None:
    """Its customers would become members of a group that nobody meant."""
    create_group(work, "First")
    text = "group_code,group_name,customer_code\n,N1,C1\nCG-000002,,C2\n"
    (reject,) = import_groups(work, text).rejects
    assert (reject.line, reject.reason) == (3, "group_name")
    assert contents(work) == {
        "CG-000001": GroupContents("First"),
        "CG-000003": GroupContents("N1", members=("C1",)),
    }


@attrs.frozen
class Stubborn:
    """Draws one code, whatever happens."""

    def draw(self, _next_number: Callable[[str], int]) -> GroupCode:
        """Return it."""
        return GroupCode("G1")


def test_drawing_codes_of_the_file_ends(work: UnitOfWork) -> None:
    """Nothing is imported then."""
    with pytest.raises(CodesExhaustedError) as caught:
        import_groups(work, "group code,group\n,One\nG1,Two\n", codes=Stubborn())
    assert caught.value.collisions == 2
    assert contents(work) == {}


def test_random_codes_of_the_file_are_drawn_again(work: UnitOfWork) -> None:
    """The generator need not count."""
    taken = RandomCodes(random.Random(1)).draw(work.groups.next_number)
    text = f"group code,group\n,One\n{taken},Two\n"
    import_groups(work, text, codes=RandomCodes(random.Random(1)))
    assert contents(work)[taken].name == "Two"
    assert len(contents(work)) == 2


def test_codes_stand_among_other_things() -> None:
    """What cannot be a code is none."""
    assert codes_among([" a1 ", "a1", None, "", 5, {"x": 1}, "?", "B"]) == {"A1", "B"}
