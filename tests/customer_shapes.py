"""Customer tables as real hosts have them, and what must be found in them on every engine."""

import enum
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import CustomerTable
from customer_groups.customers import Customer
from customer_groups.outcomes import Outcome
from customer_groups.repository import DEFAULT_TENANT
from stores import customer

__all__ = ["METADATA", "ROWS", "SHAPES", "Shape"]

METADATA = sa.MetaData()

ROWS: dict[sa.Table, list[dict[str, Any]]] = {}
"""What is in the tables."""

ADDED, AMBIGUOUS, INACTIVE, UNKNOWN = (
    Outcome.ADDED,
    Outcome.AMBIGUOUS,
    Outcome.INACTIVE,
    Outcome.UNKNOWN,
)


@attrs.frozen
class Shape:
    """A table of customers, and the right answers.

    Attributes:
        name: Whose table it is.
        table: How it is described to us.
        customers: Everybody who is a customer of the tenant.
        codes: What becomes of each code in a list to add.
        strangers: Keys that no customer of the tenant has.
        tenant: Whose customers they are.
    """

    name: str
    table: CustomerTable
    customers: Sequence[Customer]
    codes: Mapping[str, Outcome]
    strangers: Sequence[str]
    tenant: str = DEFAULT_TENANT


def _table(name: str, columns: Sequence[sa.Column[Any]], *rows: Sequence[object]) -> sa.Table:
    table = sa.Table(name, METADATA, *columns)
    names = [column.name for column in table.columns]
    ROWS[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return table


def _number(name: str, **options: Any) -> sa.Column[int]:  # noqa: ANN401
    return sa.Column(name, sa.Integer, autoincrement=False, **options)


def _odoo() -> Shape:
    """Return contacts of many kinds, whose codes nobody has to fill in."""
    partner = _table(
        "res_partner",
        [
            _number("id", primary_key=True),
            sa.Column("ref", sa.String(50), index=True),
            sa.Column("name", sa.String(100)),
            sa.Column("is_company", sa.Boolean),
            _number("customer_rank"),
            _number("company_id"),
            sa.Column("active", sa.Boolean),
        ],
        (1, "C1", "Anna", False, 1, None, True),
        (2, "C2", "Bob", False, 1, 1, False),
        (3, "C3", "Twin & Co", True, 1, 1, True),
        (4, "C3", "Twin & Sons", True, 3, 1, True),
        (5, None, "No code", True, 1, 1, True),
        (6, "C6", "Another company's", True, 1, 2, True),
        (7, "C7", "A supplier", True, 0, 1, True),
        (8, "C8", "Predecessor", True, 1, 1, False),
        (9, "C8", "Successor", True, 1, 1, True),
        (10, "c1", "Small letter", None, 1, 1, True),
        (11, "C11", None, False, 1, 1, None),
        (12, "00123", "Zeros", True, 1, None, True),
    )
    column = partner.c
    return Shape(
        "Odoo",
        CustomerTable(
            partner,
            key=column.id,
            code=column.ref,
            name=column.name,
            type=sa.case((column.is_company, "company"), else_="person"),
            active=column.active,
            where=sa.and_(
                column.customer_rank > 0,
                sa.or_(column.company_id.is_(None), column.company_id == 1),
            ),
        ),
        customers=[
            customer("1", "C1", name="Anna", type="person"),
            customer("2", "C2", name="Bob", type="person", active=False),
            customer("3", "C3", name="Twin & Co", type="company"),
            customer("4", "C3", name="Twin & Sons", type="company"),
            customer("5", None, name="No code", type="company"),
            customer("8", "C8", name="Predecessor", type="company", active=False),
            customer("9", "C8", name="Successor", type="company"),
            customer("10", "c1", name="Small letter", type="person"),
            customer("11", "C11", name="", type="person", active=False),
            customer("12", "00123", name="Zeros", type="company"),
        ],
        codes={
            "C1": ADDED,
            "C2": INACTIVE,
            "C3": AMBIGUOUS,
            "C6": UNKNOWN,
            "C7": UNKNOWN,
            "C8": ADDED,
            "c1": ADDED,
            "c2": UNKNOWN,
            "C11": INACTIVE,
            "00123": ADDED,
            "123": UNKNOWN,
            "5": UNKNOWN,
        },
        strangers=["6", "7", "01", "1.0", "C1", "１", "9" * 30],
    )


def _erpnext() -> Shape:
    """Return customers whose name is code and key, and who are disabled, not active."""
    table = _table(
        "tabCustomer",
        [
            sa.Column("name", sa.String(140), primary_key=True),
            sa.Column("customer_name", sa.String(140)),
            sa.Column("customer_type", sa.String(140)),
            sa.Column("disabled", sa.SmallInteger),
        ],
        ("CUST-1", "Acme", "Company", 0),
        ("CUST-2", "Bob", "Individual", 1),
        ("Müller & Söhne", "Müller & Söhne", "Company", 0),
        ("日本商事", "日本商事", "Company", 0),
        ("😀", None, None, 0),
    )
    column = table.c
    return Shape(
        "ERPNext",
        CustomerTable(
            table,
            code=column.name,
            name=column.customer_name,
            type=column.customer_type,
            active=column.disabled == 0,
        ),
        customers=[
            customer("CUST-1", "CUST-1", name="Acme", type="Company"),
            customer("CUST-2", "CUST-2", name="Bob", type="Individual", active=False),
            customer("Müller & Söhne", "Müller & Söhne", name="Müller & Söhne", type="Company"),
            customer("日本商事", "日本商事", name="日本商事", type="Company"),
            customer("😀", "😀"),
        ],
        codes={
            "CUST-1": ADDED,
            "cust-1": UNKNOWN,
            "CUST-2": INACTIVE,
            "CUST-": UNKNOWN,
            "Müller & Söhne": ADDED,
            "Muller & Sohne": UNKNOWN,
            "Mu\u0308ller & So\u0308hne": UNKNOWN,
            "日本商事": ADDED,
            "😀": ADDED,
            "😁": UNKNOWN,
        },
        strangers=["cust-1", "CUST_1", "Muller & Sohne", "😁"],
    )


def _tryton() -> Shape:
    """Return parties with a unique code; merged ones stay behind."""
    party = _table(
        "party_party",
        [
            _number("id", primary_key=True),
            sa.Column("code", sa.String(40), nullable=False, unique=True),
            sa.Column("name", sa.String(40)),
            sa.Column("active", sa.Boolean),
            _number("replaced_by"),
        ],
        (1, "P1", "Anna", True, None),
        (2, "P2", None, True, None),
        (3, "P3", "Merged", True, 1),
        (4, "P4", "Gone", False, None),
    )
    column = party.c
    return Shape(
        "Tryton",
        CustomerTable(
            party,
            key=column.id,
            code=column.code,
            name=column.name,
            active=column.active,
            where=column.replaced_by.is_(None),
        ),
        customers=[
            customer("1", "P1", name="Anna"),
            customer("2", "P2"),
            customer("4", "P4", name="Gone", active=False),
        ],
        codes={"P1": ADDED, "P2": ADDED, "P3": UNKNOWN, "P4": INACTIVE, "p1": UNKNOWN},
        strangers=["3", "P1"],
    )


def _django() -> Shape:
    """Return accounts without a code, known by an address in any case, beside the staff."""
    kind = _table(
        "shop_kind",
        [_number("id", primary_key=True), sa.Column("name", sa.String(20))],
        (1, "retail"),
        (2, "wholesale"),
    )
    user = _table(
        "shop_user",
        [
            _number("id", primary_key=True),
            sa.Column("email", sa.String(100), unique=True),
            sa.Column("first_name", sa.String(40)),
            sa.Column("last_name", sa.String(40)),
            sa.Column("is_active", sa.Boolean, nullable=False),
            sa.Column("is_staff", sa.Boolean, nullable=False),
            _number("kind_id"),
        ],
        (1, "Anna@Example.com", "Anna", "Abel", True, False, 1),
        (2, "bob@example.com", "Bob", "Braun", False, False, 2),
        (3, "eve@example.com", "Eve", "Staff", True, True, 1),
        (4, "DAN@EXAMPLE.COM", "Dan", "Dorn", True, False, None),
    )
    column = user.c
    return Shape(
        "Django",
        CustomerTable(
            user.outerjoin(kind, kind.c.id == column.kind_id),
            key=column.id,
            code=sa.func.lower(column.email),
            name=column.first_name + " " + column.last_name,
            type=kind.c.name,
            active=column.is_active,
            where=sa.not_(column.is_staff),
        ),
        customers=[
            customer("1", "anna@example.com", name="Anna Abel", type="retail"),
            customer("2", "bob@example.com", name="Bob Braun", type="wholesale", active=False),
            customer("4", "dan@example.com", name="Dan Dorn"),
        ],
        codes={
            "anna@example.com": ADDED,
            "Anna@Example.com": UNKNOWN,
            "bob@example.com": INACTIVE,
            "eve@example.com": UNKNOWN,
            "dan@example.com": ADDED,
        },
        strangers=["3", "anna@example.com"],
    )


def _in_house(company: sa.types.TypeEngine[Any], ours: object, theirs: object) -> Shape:
    """Return customers of several companies, with numbers to type and another key."""
    table = _table(
        f"customers_of_{ours}",
        [
            sa.Column("guid", sa.String(36), primary_key=True),
            sa.Column("company", company, nullable=False),
            _number("number", index=True),
            sa.Column("title", sa.String(40), nullable=False),
            sa.Column("status", sa.String(1)),
        ],
        ("a-7", ours, 7, "Seven", "A"),
        ("a-8", ours, 8, "Eight", "X"),
        ("a-none", ours, None, "No number", "A"),
        ("a-minus", ours, -1, "Negative", "A"),
        ("b-7", theirs, 7, "Another seven", "A"),
        ("b-9", theirs, 9, "Nine", "A"),
    )
    column = table.c
    return Shape(
        f"in-house, company {ours}",
        CustomerTable(
            table,
            key=column.guid,
            code=column.number,
            name=column.title,
            active=column.status == "A",
            tenant=column.company,
        ),
        customers=[
            customer("a-7", "7", name="Seven"),
            customer("a-8", "8", name="Eight", active=False),
            customer("a-none", None, name="No number"),
            customer("a-minus", "-1", name="Negative"),
        ],
        codes={
            "7": ADDED,
            "8": INACTIVE,
            "9": UNKNOWN,
            "-1": ADDED,
            **dict.fromkeys(["007", "+7", "7.0", "7e0", "７", "٧", "9" * 30, "seven"], UNKNOWN),
        },
        strangers=["b-7", "A-7", "7"],
        tenant=str(ours),
    )


def _legacy() -> Shape:
    """Return customers of an old program, all of whose texts have a fixed length."""
    table = _table(
        "kunden",
        [
            sa.Column("firm", sa.CHAR(6), primary_key=True),
            sa.Column("id", sa.CHAR(8), primary_key=True),
            sa.Column("number", sa.CHAR(12), index=True),
            sa.Column("title", sa.CHAR(30)),
            sa.Column("kind", sa.CHAR(10)),
            sa.Column("state", sa.CHAR(1)),
        ],
        ("acme", "k1", "C1", "Anna Abel", "retail", "A"),
        ("acme", "k2", "c1", "Small letter", "retail", "A"),
        ("acme", "k3", "C-0000000003", "As long as can be", "wholesale", "A"),
        ("acme", "k4", "Ü 4", None, None, "X"),
        ("acme", "k5", None, "No number", "retail", "A"),
        ("acme", "k6", "C6", "Twin", "retail", "A"),
        ("acme", "k7", "C6", "Twin", "retail", "A"),
        ("other", "k8", "C8", "Another firm's", "other", "A"),
    )
    column = table.c
    return Shape(
        "legacy",
        CustomerTable(
            table,
            key=column.id,
            code=column.number,
            name=column.title,
            type=column.kind,
            active=column.state == "A",
            tenant=column.firm,
        ),
        customers=[
            customer("k1", "C1", name="Anna Abel", type="retail"),
            customer("k2", "c1", name="Small letter", type="retail"),
            customer("k3", "C-0000000003", name="As long as can be", type="wholesale"),
            customer("k4", "Ü 4", active=False),
            customer("k5", None, name="No number", type="retail"),
            customer("k6", "C6", name="Twin", type="retail"),
            customer("k7", "C6", name="Twin", type="retail"),
        ],
        codes={
            "C1": ADDED,
            "c1": ADDED,
            "C": UNKNOWN,
            "C-0000000003": ADDED,
            "C-00000000033": UNKNOWN,
            "Ü 4": INACTIVE,
            "C6": AMBIGUOUS,
            "C8": UNKNOWN,
            "日本": UNKNOWN,
        },
        strangers=["k8", "K1", "k", "C1"],
        tenant="acme",
    )


class _Firm(enum.Enum):
    """Companies; the database holds their names."""

    OURS = "acme"
    THEIRS = "other"


class _Kind(enum.Enum):
    """Kinds of customers; the database holds their names."""

    SHOP = 1
    PERSON = 2


class _Seat(enum.Enum):
    """Customers that are known by where they sit."""

    NORTH = 1
    EAST = 2
    SOUTH = 3
    WEST = 4


class _Bytes(sa.TypeDecorator[bytes]):
    """Text that the host's program knows as bytes."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return the text."""
        return None if value is None else value.decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002
        """Return the bytes."""
        return None if value is None else value.encode()


def _typed() -> list[Shape]:
    """Return customers whose texts have types of the host's program, by either identity."""
    table = _table(
        "seated",
        [
            sa.Column("seat", sa.Enum(_Seat), primary_key=True),
            sa.Column("label", _Bytes(20), nullable=False, unique=True),
            sa.Column("kind", sa.Enum(_Kind)),
            sa.Column("firm", sa.Enum(_Firm), nullable=False),
        ],
        (_Seat.NORTH, b"n1", _Kind.SHOP, _Firm.OURS),
        (_Seat.EAST, b"e1", _Kind.PERSON, _Firm.OURS),
        (_Seat.SOUTH, b"s1", None, _Firm.OURS),
        (_Seat.WEST, b"w1", _Kind.SHOP, _Firm.THEIRS),
    )
    column = table.c
    described = [("NORTH", "n1", "SHOP"), ("EAST", "e1", "PERSON"), ("SOUTH", "s1", None)]
    by_seat = CustomerTable(
        table,
        key=column.seat,
        code=column.label,
        name=column.label,
        type=column.kind,
        tenant=column.firm,
    )
    by_label = attrs.evolve(by_seat, key=column.label, code=column.seat)
    return [
        Shape(
            "typed, by an enumeration",
            by_seat,
            customers=[customer(seat, n, name=n, type=kind) for seat, n, kind in described],
            codes={"n1": ADDED, "e1": ADDED, "N1": UNKNOWN, "w1": UNKNOWN, "SOUTH": UNKNOWN},
            strangers=["WEST", "North", "1", "nowhere"],
            tenant="OURS",
        ),
        Shape(
            "typed, by a label",
            by_label,
            customers=[customer(n, seat, name=n, type=kind) for seat, n, kind in described],
            codes={"NORTH": ADDED, "EAST": ADDED, "north": UNKNOWN, "WEST": UNKNOWN},
            strangers=["w1", "N1", "NORTH"],
            tenant="OURS",
        ),
    ]


SHAPES = [
    _odoo(),
    _erpnext(),
    _tryton(),
    _django(),
    _in_house(sa.SmallInteger(), 1, 2),
    _in_house(sa.String(10), "acme", "ACME"),
    _legacy(),
    *_typed(),
]
