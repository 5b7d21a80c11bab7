"""The column of customers is found, or the error lists what is there."""

import attrs
import pytest

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.files.columns import (
    Column,
    checked_column,
    default_name,
    find_column,
    spelling,
)


@pytest.mark.parametrize(
    "name",
    [
        *("customer code", "Customer Code", "CUSTOMER_CODE", "customercode", "Cust. No.", "code"),
        *(" customer-number ", "Customer ID", "Customer", "ｃｏｄｅ", "Client Code"),
    ],
)
def test_usual_names_are_recognised(name: str) -> None:
    """Case, spaces and punctuation make no difference."""
    assert find_column(["Name", name, "City"]) == Column(1, is_named=True)
    assert find_column([name]) == Column(0, is_named=True)


@pytest.mark.parametrize(
    "name",
    [
        *("Kundennummer", "Kunden-Nr.", "Kd.-Nr.", "Debitor", "Debitorennr."),
        *("Code client", "N° client", "Numéro client", "Nume\u0301ro Client", "Réf. client"),
        *("Código de cliente", "Nº cliente", "Codice cliente", "Código do Cliente"),
        *("Klantnummer", "Debiteurnr.", "Nr klienta", "Kod klienta"),
    ],
)
def test_usual_names_of_other_languages_are_recognised(name: str) -> None:
    """Accents make no difference."""
    assert find_column(["Nom", name, "Ort"]) == Column(1, is_named=True)


@pytest.mark.parametrize("name", ["Kunde", "Nr", "Nummer", "Name", "Number", "Account", "Cliente"])
def test_what_may_be_something_else_is_no_usual_name(name: str) -> None:
    """A table may have such a column beside that of the codes."""
    assert find_column(["Kundennummer", name]) == Column(0, is_named=True)
    with pytest.raises(ColumnNotFoundError):
        find_column([name, "x"])


@pytest.mark.parametrize("name", ["key", "Customer Key", "ID", "customer_id", "Kundenschlüssel"])
def test_the_column_of_keys_has_names_of_its_own(name: str) -> None:
    """An export has both, and each is found by what is asked for."""
    assert find_column(["code", name], by_key=True) == Column(1, is_named=True)
    assert find_column(["key", "code", "name"]) == Column(1, is_named=True)


@pytest.mark.parametrize("by_key", [True, False])
def test_our_own_name_is_a_usual_one(by_key: bool) -> None:  # noqa: FBT001 - a parameter
    """A file of rejects is imported again without a word about its columns."""
    name = default_name(by_key=by_key)
    assert find_column(["line", name], by_key=by_key) == Column(1, is_named=True)


def test_the_only_column_needs_no_name() -> None:
    """Then its first cell is a value."""
    assert find_column(["C001"]) == Column(0, is_named=False)
    assert find_column([""]) == Column(0, is_named=False)


@pytest.mark.parametrize(
    ("cells", "listed"),
    [
        (["Name", "City"], ("Name", "City")),
        (["Customer", "Name", "Code"], ("Customer", "Code")),
        (["Code", "Kundennummer", "Ort"], ("Code", "Kundennummer")),
    ],
)
def test_what_is_not_clear_is_not_guessed(cells: list[str], listed: tuple[str, ...]) -> None:
    """The error lists the columns, or those that could be meant."""
    with pytest.raises(ColumnNotFoundError) as caught:
        find_column(cells)
    assert attrs.astuple(caught.value) == (None, listed)


@pytest.mark.parametrize(
    ("asked", "index"),
    [("Kunde", 0), (" kunde ", 1), ("KUNDE", None), ("nummer", 2), ("NUM-mer", 2), ("#", 3)],
)
def test_a_name_is_looked_for_exactly_then_alike(asked: str, index: int | None) -> None:
    """Only where no name is exactly the one are case, spaces and punctuation ignored."""
    cells = ["Kunde", "kunde", "Num Mer", "#", ""]
    if index is None:
        with pytest.raises(ColumnNotFoundError) as caught:
            find_column(cells, asked)
        assert attrs.astuple(caught.value) == (asked, ("Kunde", "kunde"))
    else:
        assert find_column(cells, asked) == Column(index, is_named=True)


@pytest.mark.parametrize("asked", ["Postcode", "§", 3])
def test_a_column_that_is_not_there_is_an_error_with_those_that_are(asked: str | int) -> None:
    """The user can choose from them."""
    with pytest.raises(ColumnNotFoundError) as caught:
        find_column(["Code", ""], asked)
    assert attrs.astuple(caught.value) == (asked, ("Code", ""))


def test_several_names_are_one_column() -> None:
    """A host that knows how its columns are called need not know which of them is there."""
    assert find_column(["Art", "Partner"], ("Konto", "Partner")) == Column(1, is_named=True)
    with pytest.raises(ColumnNotFoundError) as caught:
        find_column(["Konto", "Partner", "Art"], ("Konto", "Partner"))
    assert caught.value.columns == ("Konto", "Partner")


def test_whether_there_is_a_header_can_be_said() -> None:
    """Then the cell at the place of the column does not tell it."""
    assert find_column(["code"], header=False) == Column(0, is_named=False)
    assert find_column(["C1"], header=True) == Column(0, is_named=True)
    assert find_column(["code", "x"], 1, header=False) == Column(0, is_named=False)
    with pytest.raises(ColumnNotFoundError):
        find_column(["code", "x"], header=False)


def test_two_columns_with_the_same_name_are_not_one() -> None:
    """Which of them is meant is not known."""
    with pytest.raises(ColumnNotFoundError):
        find_column(["code", "code"], "code")


def test_a_position_counts_from_one() -> None:
    """Whether there is a header is told by the cell at that place."""
    assert find_column(["C1", "Anna"], 1) == Column(0, is_named=False)
    assert find_column(["Name", "Code"], 2) == Column(1, is_named=True)


@pytest.mark.parametrize("column", [0, -1, True, "", "  ", 1.5, (), ["a", ""], {"a", 1}])
def test_a_column_is_a_name_or_a_position(column: object) -> None:
    """Nothing else is taken for one."""
    with pytest.raises(InvalidValueError, match="neither a name nor a position"):
        checked_column(column)  # type: ignore[arg-type]
    assert checked_column(None) is None
    assert checked_column("a") == "a"
    assert checked_column(["a", "b"]) == ("a", "b")


def test_a_very_long_name_is_still_a_name() -> None:
    """Only its beginning is looked at."""
    assert spelling("x" * 10_000) == "x" * 100
