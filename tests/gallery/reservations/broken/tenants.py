"""Tenants who see or spend what belongs to another one."""

from collections.abc import Collection, Mapping
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.paging import Page
from customer_groups.reservations.memory.contents import ReservationContents
from customer_groups.reservations.model import Draw, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.repository import ReservationQuery, StockAudit, StockTotals
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]


class OfAll(Reservations):
    """Sees what all tenants have; its own where two have the same ids."""

    @property
    def contents(self) -> ReservationContents:
        """What all tenants have stored."""
        seen = super().contents
        for other in self.of_others:
            seen = attrs.evolve(
                seen,
                totals={**other.totals, **seen.totals},
                reservations={**other.reservations, **seen.reservations},
                draws={**other.draws, **seen.draws},
                ledger=(*seen.ledger, *other.ledger),
            )
        return seen


class Shared(Reservations):
    """Asks now and then for what all tenants have."""

    def of_all(self) -> OfAll:
        """Return a repository that sees what all tenants have."""
        return OfAll(self._groups, self._scale, self.storage)


class TotalsOfAll(Shared):
    """What is promised of a stock that only another tenant has promised is seen by all."""

    def totals(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return what anybody has promised."""
        return self.of_all().totals(stocks)


class GetOfAll(Shared):
    """A reservation of another tenant can be fetched by its id."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return reservations of anybody."""
        return self.of_all().get(reservations, lock=lock)


class OfStocksOfAll(Shared):
    """The reservations of a stock include those of other tenants."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return reservations of anybody."""
        return self.of_all().of_stocks(stocks, lock=lock)


class OfGroupOfAll(Shared):
    """The reservations of a group include those of another tenant's group with its code."""

    def of_group(self, group: GroupCode, *, lock: bool = False) -> tuple[GroupReservation, ...]:
        """Return reservations of anybody."""
        return self.of_all().of_group(group, lock=lock)


class DueOfAll(Shared):
    """What is due is found for all tenants."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return reservations of anybody."""
        return self.of_all().due(now, limit=limit, after=after)


class FindOfAll(Shared):
    """A search finds the reservations of all tenants."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return reservations of anybody."""
        return self.of_all().find(query, limit=limit, after=after)


class DrawsOfAll(Shared):
    """What a request of another tenant consumed is found by its id."""

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return draws of anybody."""
        return self.of_all().draws(consumption, lock=lock)


class LedgerOfAll(Shared):
    """The ledger has the entries of all tenants."""

    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return entries of anybody."""
        found = self.of_all()
        return found.ledger(stock=stock, reservation=reservation, limit=limit, after=after)


class StocksOfAll(Shared):
    """The list of stocks has those of all tenants."""

    def stocks(self, *, limit: int, after: str | None = None) -> Page[StockKey]:
        """Return stocks of anybody."""
        return self.of_all().stocks(limit=limit, after=after)


class AuditOfAll(Shared):
    """An audit adds up what all tenants have."""

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Return sums of everybody, with the totals of one."""
        own = self.totals(stocks)
        found = self.of_all().audit(stocks)
        return {stock: attrs.evolve(each, totals=own[stock]) for stock, each in found.items()}


CASES = cases(
    TotalsOfAll,
    GetOfAll,
    OfStocksOfAll,
    OfGroupOfAll,
    DueOfAll,
    FindOfAll,
    DrawsOfAll,
    LedgerOfAll,
    StocksOfAll,
    AuditOfAll,
)
