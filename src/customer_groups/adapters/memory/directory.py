"""Customers kept in memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from customer_groups.adapters.memory.pages import page_of
from customer_groups.customers import Customer, CustomerCode, CustomerKey, CustomerQuery
from customer_groups.errors import InvalidValueError
from customer_groups.paging import Page
from customer_groups.repository import DEFAULT_TENANT

__all__ = ["InMemoryCustomerDirectory"]


class InMemoryCustomerDirectory:
    """A `CustomerDirectory` over a sequence of customers."""

    def __init__(self, customers: Iterable[Customer], tenant: str = DEFAULT_TENANT) -> None:
        """Take the customers as they are now.

        Args:
            customers: All customers.
            tenant: Whose customers; cursors of another tenant are refused.

        Raises:
            InvalidValueError: two of them have the same key.
        """
        self._tenant = tenant
        self._by_key: dict[CustomerKey, Customer] = {}
        for customer in customers:
            if customer.key in self._by_key:
                raise InvalidValueError("customer key", customer.key, "belongs to two customers")
            self._by_key[customer.key] = customer
        self._by_code: dict[CustomerCode, list[Customer]] = defaultdict(list)
        for _, customer in sorted(self._by_key.items()):
            if customer.code is not None:
                self._by_code[customer.code].append(customer)

    def lookup(self, codes: Collection[CustomerCode]) -> Mapping[CustomerCode, Sequence[Customer]]:
        """Return who has these codes; see `CustomerDirectory.lookup`."""
        return {code: tuple(self._by_code[code]) for code in codes if code in self._by_code}

    def by_keys(self, keys: Collection[CustomerKey]) -> Mapping[CustomerKey, Customer]:
        """Return the customers that have these keys; see `CustomerDirectory.by_keys`."""
        return {key: self._by_key[key] for key in keys if key in self._by_key}

    def search(
        self, query: CustomerQuery, *, limit: int, after: str | None = None
    ) -> Page[Customer]:
        """Return a page of the customers that ``query`` accepts, by key."""
        return page_of(
            (customer for customer in self._by_key.values() if query.accepts(customer)),
            lambda customer: (customer.key,),
            ("customers", self._tenant, repr(query)),
            limit=limit,
            after=after,
        )

    def types(self) -> tuple[str, ...]:
        """Return the types that customers have; see `CustomerDirectory.types`."""
        return tuple(sorted({c.type for c in self._by_key.values() if c.type is not None}))
