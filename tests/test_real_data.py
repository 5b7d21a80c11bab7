"""Real lists, through the functions, with the answers that are known beforehand."""

import csv
import gzip
from pathlib import Path

import pytest

from customer_groups.customers import Customer, CustomerCode, CustomerKey
from customer_groups.exporting import export_customers
from customer_groups.importing import import_customers
from customer_groups.outcomes import OutcomeCounts
from customer_groups.searching import get_group, list_customers, search_customers
from customer_groups.service import create_group
from stores import MOMENT, STORES, OpensStore, customer


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest) -> OpensStore:
    """Return how to open a store of one of our adapters."""
    return STORES[request.param]


def test_a_year_of_purchases(open_store: OpensStore, shared_data: Path, tmp_path: Path) -> None:
    """Every customer of a year is added once; the second time everybody is there."""
    with gzip.open(shared_data / "cdnow_master.txt.gz", "rt", encoding="ascii") as file:
        purchases = [line.split()[:2] for line in file][1:]
    path = tmp_path / "purchases.txt"
    path.write_text("".join(f"{code}\n" for code, date in purchases if date >= "19980101"))
    everybody = [Customer(CustomerCode(code)) for code in {code for code, _ in purchases}]

    with open_store(everybody) as store, store.transaction() as work:
        code = create_group(work, "Bought in 1998").code
        first = import_customers(work, code, path, at=MOMENT)
        second = import_customers(work, code, path)
        summary = get_group(work, code)

    assert first.counts == OutcomeCounts(added=5_374, duplicate=7_383, at=MOMENT)
    assert second.counts == OutcomeCounts(already_member=5_374, duplicate=7_383)
    assert first.values == second.values == 12_757
    assert (summary.customers, summary.members_version) == (5_374, 1)


def test_leading_zeros_tell_customers_apart(open_store: OpensStore) -> None:
    """``00004`` and ``4`` stay two codes on the way in, in the storage and on the way out."""
    both = [customer("00004", "00004"), customer("4", "4")]

    with open_store(both) as store, store.transaction() as work:
        code = create_group(work, "Zeros").code
        report = import_customers(work, code, "00004\n4\n004\n04")
        members = list_customers(work, code).items

    assert (report.counts.added, report.counts.unknown) == (2, 2)
    assert [member.customer.code for member in members if member.customer] == ["00004", "4"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_owners_move_to_another_store(
    open_store: OpensStore, shared_data: Path, tmp_path: Path, suffix: str
) -> None:
    """A group that is found, created and exported has the same members where it is imported."""
    with (shared_data / "northwind_customers.csv").open(encoding="utf-8", newline="") as file:
        customers = [
            customer(
                row["CustomerID"],
                row["CustomerID"],
                name=row["CompanyName"],
                type=row["ContactTitle"],
            )
            for row in csv.DictReader(file)
        ]
    path = tmp_path / f"owners.{suffix}"

    with open_store(customers) as store, store.transaction() as work:
        found = search_customers(work, type="Owner").items
        owners = create_group(work, "Owners", customers=[each.key for each in found], by_key=True)
        exported = export_customers(work, owners.code, path)
    with open_store(customers) as other, other.transaction() as work:
        code = create_group(work, "Owners").code
        report = import_customers(work, code, path)
        members = work.groups.which_are_members(code, [each.key for each in customers])

    assert len(found) == exported == report.values == report.counts.added == 17
    assert members == {CustomerKey(each.key) for each in found}
