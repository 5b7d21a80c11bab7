"""Adapters that are right as long as they are alone: they lock too late, too little or nothing."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.session import SqlSession
from customer_groups.codes import GroupCode
from customer_groups.reservations.errors import RequestReusedError
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import Booking, StockTotals
from customer_groups.reservations.sql import SqlReservationRepository
from customer_groups.reservations.sql.statements import ReservationStatements
from customer_groups.reservations.sql.stocks import SqlStocks
from customer_groups.reservations.sql.tenant_table import is_of, selecting, updating
from gallery.reservations.on_servers import SECONDS_TO_THE_DATABASE, ServerCase

__all__ = ["CASES"]


class Late(SqlStocks):
    """Decides by totals that were read before the lock."""

    def lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Read, and lock when others may have written."""
        before = self.before_lock(stocks)
        time.sleep(SECONDS_TO_THE_DATABASE)
        return {
            stock: attrs.evolve(before[stock], version=locked.version)
            for stock, locked in super().lock(stocks).items()
        }

    def before_lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return the totals as they are before the lock."""
        return self.totals(stocks)

    def book(self, booking: Booking) -> None:
        """Store what was decided, without a condition."""
        super().book(attrs.evolve(booking, limits={}))


@attrs.frozen(eq=False)
class Written(Late):
    """Writes the totals that it has calculated over those that others have written."""

    seen: dict[StockKey, StockTotals] = attrs.field(factory=dict)

    def lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Remember the totals."""
        locked = super().lock(stocks)
        self.seen.update(locked)
        return locked

    def book(self, booking: Booking) -> None:
        """Store sums that were made in the program."""
        super().book(booking)
        for stock in {entry.stock for entry in booking.entries}:
            own = [entry for entry in booking.entries if entry.stock == stock]
            held = self.seen[stock].held + sum(entry.held for entry in own)
            outstanding = self.seen[stock].outstanding + sum(entry.outstanding for entry in own)
            self.correct(stock, StockTotals(held, outstanding))


class Skipping(Late):
    """Takes what somebody else has locked for nothing."""

    def before_lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return the totals of the stocks that nobody has locked."""
        query = self.statements.totals.with_for_update(skip_locked=True)
        rows = self.rows.rows(query, {"keys": sorted(stocks)})
        unlocked = {row.stock for row in rows}
        nothing = StockTotals(self.scale.normal(0), self.scale.normal(0))
        return {
            stock: totals if stock in unlocked else nothing
            for stock, totals in self.totals(stocks).items()
        }


class Reading(SqlStocks):
    """Reads where it should lock."""

    def lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Count a change of each stock, and write that with the booking."""
        found = self.totals(stocks)
        time.sleep(SECONDS_TO_THE_DATABASE)
        for stock in sorted(found):
            self.rows.insert_missing({"stock": stock, "version": 0, "held": 0, "outstanding": 0})
        return {
            stock: attrs.evolve(totals, version=totals.version + 1)
            for stock, totals in found.items()
        }

    def book(self, booking: Booking) -> None:
        """Store the totals and the versions."""
        super().book(booking)
        for entry in booking.entries:
            version = {"of_stock": entry.stock, "version": entry.version}
            self.rows.run(updating(self.rows.table, "stock"), version)


class OtherStocks(SqlReservationRepository):
    """Keeps totals in a way of its own.

    Attributes:
        kind: The way.
    """

    kind: type[SqlStocks]

    def __init__(
        self, session: SqlSession, statements: ReservationStatements, tenant: str, scale: Scale
    ) -> None:
        """Work on the reservations of one tenant."""
        super().__init__(session, statements, tenant, scale)
        self._stocks = self.kind(self._stock_rows, statements, scale)


class CheckThenInsert(OtherStocks):
    """What is free is read first, and stored later without a condition."""

    kind = Late


class LostUpdate(OtherStocks):
    """Totals are read, calculated in the program, and written back as they are."""

    kind = Written


class SkipLocked(OtherStocks):
    """What others have locked is skipped, and taken for nothing."""

    kind = Skipping


class LockThatReads(OtherStocks):
    """A stock is only read when it should be locked; its version is written with the booking."""

    kind = Reading


class CallersOrder(SqlReservationRepository):
    """Stocks are locked in the order in which the caller names them."""

    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Lock stocks as they come."""
        for stock in dict.fromkeys(stocks):
            self._stocks.lock([stock])
        return self._stocks.totals(stocks, lock=True)


class GateOnlyRead(SqlReservationRepository):
    """Whether a gate is open is read, and nobody is kept from closing it."""

    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Return which are open."""
        closed = self.closed_gates(groups)
        return {group: group not in closed for group in sorted(groups)}

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Store a gate that nobody has locked."""
        self._gates.insert_missing({"group_code": group, "fence": 0, "is_open": 1})
        super().set_gate(group, is_open=is_open)

    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Lock stocks, when others may have looked at the gates."""
        time.sleep(3 * SECONDS_TO_THE_DATABASE)
        return super().lock_stocks(stocks)


class LookingUp(SqlReservationRepository):
    """Looks whether a request is there before it is noted."""

    def looked_up(self, request_id: str) -> Sequence[sa.Row[Any]]:
        """Return its row, if there is one."""
        table = self._requests.table
        query = selecting(table, is_of(table, "request_id"))
        return self._requests.rows(query, {"of_request_id": request_id})


class RequestLookedUpFirst(LookingUp):
    """A request is looked for first, and noted with its answer in the end."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Look for a request."""
        found = self.looked_up(request_id)
        if not found:
            self.fingerprint = fingerprint
            time.sleep(SECONDS_TO_THE_DATABASE)
            return None
        if found[0].fingerprint != fingerprint:
            raise RequestReusedError(request_id)
        return str(found[0].answer)

    def finish(self, request_id: str, answer: str) -> None:
        """Note the request."""
        noted = {"request_id": request_id, "fingerprint": self.fingerprint, "answer": answer}
        self._requests.insert([noted])


class RequestNotWaitedFor(LookingUp):
    """Who sends a request that another transaction has begun does not wait for its answer."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Look for a request, and note it unless it has been noted meanwhile."""
        found = self.looked_up(request_id)
        time.sleep(SECONDS_TO_THE_DATABASE)
        answer = super().begin(request_id, fingerprint)
        return answer if found else None


CASES = tuple(
    ServerCase(broken, repository=broken)
    for broken in (
        CheckThenInsert,
        LostUpdate,
        SkipLocked,
        LockThatReads,
        CallersOrder,
        GateOnlyRead,
        RequestLookedUpFirst,
        RequestNotWaitedFor,
    )
)
