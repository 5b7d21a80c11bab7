"""The host's side: the customers that it has, and how it is asked for them.

Customers belong to the host. This library never creates, changes or deletes one.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import NewType, Protocol

import attrs

from customer_groups.errors import InvalidCustomerCodeError, InvalidValueError
from customer_groups.paging import Page
from customer_groups.text import (
    MAX_RAW_LENGTH,
    TextMatch,
    fold,
    plain_text,
    refuse_unsafe,
    text_match,
)

__all__ = [
    "Customer",
    "CustomerCode",
    "CustomerDirectory",
    "CustomerKey",
    "CustomerQuery",
    "is_well_formed",
    "parse_customer_code",
    "parse_customer_key",
]

CustomerKey = NewType("CustomerKey", str)
"""What a membership stores: opaque, stable, one for each customer."""

CustomerCode = NewType("CustomerCode", str)
"""What people type: may be missing, repeated or renamed in the host."""

MAX_CUSTOMER_CODE_LENGTH = 140


def is_well_formed(value: object) -> bool:
    """Return quickly whether a value is a code or key already; False means "look closer"."""
    return (
        type(value) is str
        and value.isprintable()
        and 0 < len(value) <= MAX_CUSTOMER_CODE_LENGTH
        and value.strip() == value
    )


def parse_customer_code(text: str) -> CustomerCode:
    """Return a customer code as it is compared: trimmed, otherwise unchanged.

    Args:
        text: 1 to 140 characters, none of them a control character, surrogate or
            non-character; white space around them is ignored.

    Raises:
        InvalidCustomerCodeError: it is anything else.

    >>> parse_customer_code(" 00123 ")
    '00123'
    """
    return CustomerCode(_parse("customer code", text))


def parse_customer_key(text: str) -> CustomerKey:
    """Return a customer key, under the same rules as `parse_customer_code`.

    Raises:
        InvalidCustomerCodeError: it breaks one of them.
    """
    return CustomerKey(_parse("customer key", text))


def _parse(field: str, text: str) -> str:
    if is_well_formed(text):
        return text
    try:
        return plain_text(field, text, MAX_CUSTOMER_CODE_LENGTH)
    except InvalidValueError as error:
        raise InvalidCustomerCodeError(error.field, error.value, error.reason, error.rule) from None


def _parse_optional_code(text: str | None) -> CustomerCode | None:
    return None if text is None else parse_customer_code(text)


@attrs.frozen
class Customer:
    """A customer of the host.

    Attributes:
        code: What people type to mean this customer; None where it has no code.
        name: The name to show; empty where it has none.
        type: The host's kind of customer; None where it has none.
        active: Whether the customer may become a member of a group.
        key: What identifies the customer for good; the code, where nothing else is given.
    """

    code: CustomerCode | None = attrs.field(converter=_parse_optional_code)
    name: str = ""
    type: str | None = None
    active: bool = True
    key: CustomerKey = attrs.field(kw_only=True, converter=parse_customer_key)

    @key.default
    def _the_code(self) -> str | None:
        return self.code


def _parse_type(type: str | None) -> str | None:
    if type is None:
        return None
    if not isinstance(type, str):
        raise InvalidValueError("customer type", type, "is not text", "not_text")
    refuse_unsafe("customer type", type, MAX_RAW_LENGTH)
    return type


def _parse_active(active: bool | None) -> bool | None:  # noqa: FBT001 - a converter
    if active is not None and not isinstance(active, bool):
        raise InvalidValueError("active", active, "is neither True nor False")
    return active


@attrs.frozen(kw_only=True)
class CustomerQuery:
    """What a pick list of customers is narrowed by; the default asks for all of them.

    Attributes:
        code: A condition on the code; customers without a code satisfy none.
        name: A condition on the name.
        type: The type, exactly.
        active: Whether the customer is active.
    """

    code: TextMatch | None = attrs.field(default=None, converter=text_match)
    name: TextMatch | None = attrs.field(default=None, converter=text_match)
    type: str | None = attrs.field(default=None, converter=_parse_type)
    active: bool | None = attrs.field(default=None, converter=_parse_active)

    def accepts(self, customer: Customer) -> bool:
        """Return whether the customer satisfies every condition.

        Codes and names are folded before they are compared, as the names of groups are;
        of a longer one only the first 400 characters count.
        """
        return (
            (self.active is None or self.active == customer.active)
            and (self.type is None or self.type == customer.type)
            and _accepts(self.code, customer.code)
            and _accepts(self.name, customer.name)
        )


def _accepts(match: TextMatch | None, text: str | None) -> bool:
    return match is None or (text is not None and match.accepts(fold(text[:MAX_RAW_LENGTH])))


class CustomerDirectory(Protocol):
    """The customers of one tenant, as the host knows them now.

    Rules common to all methods:

    * Codes and keys are compared exactly, character by character: ``00123``, ``123``,
      ``c1`` and ``C1`` are four codes. Whatever collation a database has, the answer holds
      only customers whose code or key is the one that was asked for.
    * No two customers have the same key. Any number may have the same code, or none.
    * Inactive customers are customers; they are returned like the others.
    * Customers of other tenants do not exist here.

    Every rule is tested by `customer_groups.testing.CustomerDirectoryContract`; after
    each stands the class that has its tests.
    """

    @abstractmethod
    def lookup(self, codes: Collection[CustomerCode]) -> Mapping[CustomerCode, Sequence[Customer]]:
        """Return who has these codes.

        Tests: LookingUpRules.

        Args:
            codes: Any number of codes; the order and repetitions make no difference.

        Returns:
            For each code that some customer has, all customers that have it, ordered by
            key. A code that nobody has is not among them.
        """

    @abstractmethod
    def by_keys(self, keys: Collection[CustomerKey]) -> Mapping[CustomerKey, Customer]:
        """Return the customers that have these keys; a key that nobody has is left out.

        Tests: LookingUpRules.

        Args:
            keys: Any number of keys; the order and repetitions make no difference.
        """

    @abstractmethod
    def search(
        self, query: CustomerQuery, *, limit: int, after: str | None = None
    ) -> Page[Customer]:
        """Return a page of the customers that ``query`` accepts.

        Tests: PickingRules.

        Args:
            query: The conditions; `CustomerQuery.accepts` says what each means.
            limit: The size of the page, 1 to 1,000.
            after: The cursor ``next`` of the page before; None for the first page.

        Returns:
            The page, in an order of the directory's own choice that does not change from
            page to page. Its ``total`` is None.

        Raises:
            InvalidValueError: ``limit`` is out of bounds.
            InvalidCursorError: ``after`` comes from another query, or is damaged.
        """

    @abstractmethod
    def types(self) -> tuple[str, ...]:
        """Return the types that customers have, each once, in code-point order.

        Tests: PickingRules.
        """
