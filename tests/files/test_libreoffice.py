"""What we export survives a spreadsheet program, and what it makes of numbers is noticed."""

import functools
import random
from pathlib import Path

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.exporting import export_customers
from customer_groups.importing import import_customers
from customer_groups.service import create_group
from libreoffice import AS_GUESSED, AS_TEXT, convert
from trial_imports import import_into_new_group

NASTY = [
    "00123",
    "=1+1",
    "'quoted",
    "''twice",
    "@SUM(A1)",
    "+49",
    "-5",
    "＝1",
    "1E5",
    "1/2",
    "3-4",
    "2026-01-02",
    "12:30",
    "12345678901234567890",
    "0.10",
    "50%",
    "TRUE",
    "#N/A",
    "{=1}",
    "_x0041_",
    "https://example.org",
    'say "so"',
    "a,b;c|d",
    "Zoë 😀",
    "e\u0301",
    "<b>&amp;",
]
BECOMES = {
    "4711": ("4711", "unknown"),
    "00123": ("123", "unknown"),
    "1E5": ("100000", "unknown"),
    "12345678901234567890": ("1.23456789012346E+019", "too_many_digits"),
    "0.25": ("0.25", "fraction"),
    "2026-01-02": ("2026-01-02", "date"),
    "12:30": ("0.520833333333333", "date"),
    "true": ("1", "boolean"),
    "=1+1": ("2", "unknown"),
}
"""What LibreOffice makes of codes unless it is told that they are text, and what we tell of it."""

CHARACTERS = "=+-@'\"_x00A5,;.|/:% eEé😀＝&<#"


def random_codes() -> list[str]:
    """Return many codes of nothing but characters that mean something to somebody."""
    draw = random.Random(5)
    drawn = ("".join(draw.choices(CHARACTERS, k=draw.randint(1, 12))) for _ in range(500))
    return [code.strip() for code in drawn if code.strip()]


CODES = sorted({*NASTY, *random_codes()})


def exported(path: Path, *, dialect: str = "exact") -> Path:
    """Write a group of all those customers to a file, and return its path."""
    store = InMemoryGroupStore(InMemoryStorage(), "t", map(Customer, CODES))
    with store.transaction() as work:
        group = create_group(work, "All", customers=CODES)
        assert export_customers(work, group.code, path, dialect=dialect) == len(CODES)
    return path


def added_from(path: Path, *, dialect: str = "exact") -> int:
    """Import a file into an empty group, and return how many customers it has then."""
    store = InMemoryGroupStore(InMemoryStorage(), "t", map(Customer, CODES))
    with store.transaction() as work:
        group = create_group(work, "All")
        report = import_customers(work, group.code, path, column="code", dialect=dialect)
        assert report.rejects == ()
        return report.counts.added


@pytest.mark.parametrize(("dialect", "suffix"), [("spreadsheet", "csv"), ("exact", "xlsx")])
def test_csv_survives_a_careful_user(tmp_path: Path, dialect: str, suffix: str) -> None:
    """Who opens it with all columns as text, and saves it, loses nothing."""
    ours = exported(tmp_path / "group.csv", dialect=dialect)
    theirs = convert(ours, suffix, opened=AS_TEXT)
    assert added_from(theirs, dialect=dialect) == len(CODES)


@pytest.mark.parametrize("suffixes", [["xlsx"], ["csv"], ["ods", "xlsx"]], ids=" ".join)
def test_a_spreadsheet_survives_any_user(tmp_path: Path, suffixes: list[str]) -> None:
    """Whoever opens and saves it loses nothing, because each cell says that it is text."""
    theirs = functools.reduce(convert, suffixes, exported(tmp_path / "group.xlsx"))
    assert added_from(theirs) == len(CODES)


def test_what_became_a_number_is_told(tmp_path: Path) -> None:
    """A code that a spreadsheet took for a number is its digits, or a reject that says why."""
    path = tmp_path / "list.csv"
    path.write_text("code\n" + "\n".join(BECOMES))
    report = import_into_new_group(convert(path, "xlsx", opened=AS_GUESSED))
    told = [(reject.value, reject.reason) for reject in report.rejects]
    assert told == list(BECOMES.values())


def test_what_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    """LibreOffice itself ends as if all were well."""
    with pytest.raises(RuntimeError, match="did not convert"):
        convert(tmp_path / "no-such-file.csv", "xlsx")


def test_no_libreoffice_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message is the command that installs it."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="apt-get install libreoffice-calc-nogui"):
        convert(tmp_path / "list.csv", "xlsx")
