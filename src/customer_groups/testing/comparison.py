"""The same call on the model and on an adapter, and how their answers are compared."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidValueError
from customer_groups.model import Membership
from customer_groups.outcomes import Entry, Outcome, OutcomeCounts
from customer_groups.paging import MAX_PAGE, Page
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.model import GroupModel
from customer_groups.testing.sources import SHOWN_CHARACTERS, call_source, cut, source_of

__all__ = [
    "Call",
    "Everything",
    "Interrupted",
    "ListChange",
    "Operation",
    "answer_of",
    "call",
    "demand_same",
    "is_same_answer",
    "is_same_error",
    "only_reads",
]

T = TypeVar("T")

_Groups = GroupRepository | GroupModel
Operation = Callable[[_Groups], object]

_READING = frozenset({"get", "find", "members", "groups_of", "which_are_members"})
_SHOWN_BEFORE_DIFFERENCE = 100
_MOST_PAGES = 100


class Interrupted(Exception):  # noqa: N818 - what the caller's own code raises, no error of ours
    """Raised on purpose, to see whether it passes and undoes what it must."""


@attrs.frozen(repr=False)
class Call:
    """One call of a method of a repository."""

    method: str
    arguments: tuple[object, ...]
    options: Mapping[str, object]

    def __call__(self, groups: _Groups) -> object:
        """Make the call."""
        return getattr(groups, self.method)(*self.arguments, **self.options)

    def __repr__(self) -> str:
        return call_source(self.method, self.arguments, self.options)

    def with_options(self, **options: object) -> "Call":
        """Return the call with further options."""
        return attrs.evolve(self, options={**self.options, **options})


def call(method: str, *arguments: object, **options: object) -> Call:
    """Return the call of a method with these arguments."""
    return Call(method, arguments, options)


@attrs.frozen(kw_only=True, repr=False)
class ListChange:
    """One call of a method that takes a list of customers.

    Attributes:
        method: The method.
        code: The group.
        entries: The list.
        at: When this happens.
        by: Who does it.
        by_key: Whether the values are keys.
        one_shot: Whether the list is passed as a generator.
        heard: Whether ``on_outcome`` is passed.
        broken: What raises `Interrupted`: the ``"list"`` at its end, the ``"listener"`` when
            it is told something, or nothing.
    """

    method: str
    code: GroupCode
    entries: tuple[Entry, ...]
    at: datetime
    by: str | None = None
    by_key: bool = False
    one_shot: bool = True
    heard: bool = True
    broken: str | None = None

    def __call__(self, groups: _Groups) -> tuple[OutcomeCounts, list[tuple[int, str, Outcome]]]:
        """Make the call; return the counts, and what ``on_outcome`` was told."""
        told: list[tuple[int, str, Outcome]] = []

        def listen(line: int, value: str, outcome: Outcome) -> None:
            told.append((line, value, outcome))
            if self.broken == "listener":
                raise Interrupted

        counts = getattr(groups, self.method)(
            self.code,
            self._values() if self.one_shot or self.broken == "list" else self.entries,
            at=self.at,
            by=self.by,
            by_key=self.by_key,
            on_outcome=listen if self.heard else None,
        )
        return counts, told

    def __repr__(self) -> str:
        options = {"at": self.at, "by": self.by, "by_key": self.by_key}
        source = call_source(self.method, (self.code, self.entries), options)
        return f"{source}, where the {self.broken} raises" if self.broken else source

    def _values(self) -> Iterator[Entry]:
        yield from self.entries
        if self.broken == "list":
            raise Interrupted


@attrs.frozen(repr=False)
class Everything:
    """Reading all that is stored: every page of groups, and of the members of each."""

    def __call__(self, groups: _Groups) -> dict[str, object]:
        """Return the pages of groups, and those of members by code."""
        found = _all_pages(lambda after: groups.find(GroupQuery(), limit=MAX_PAGE, after=after))
        codes = [summary.group.code for page in found for summary in page]
        return {"groups": found, "members": {code: _members(groups, code) for code in codes}}

    def __repr__(self) -> str:
        return f"find(GroupQuery(), limit={MAX_PAGE}), and members(...) of each"


def _members(groups: _Groups, code: GroupCode) -> list[tuple[Membership, ...]]:
    return _all_pages(lambda after: groups.members(code, limit=MAX_PAGE, after=after))


def _all_pages(page_after: Callable[[str | None], Page[T]]) -> list[tuple[T, ...]]:
    pages: list[tuple[T, ...]] = []
    after: str | None = None
    while not pages or after is not None:
        if len(pages) == _MOST_PAGES:
            raise AssertionError(f"{_MOST_PAGES} pages were not the end; does the cursor move?")
        page = page_after(after)
        pages.append(page.items)
        after = page.next
    return pages


def only_reads(operation: Operation) -> bool:
    """Return whether an operation must leave everything as it is."""
    if isinstance(operation, Call):
        return operation.method in _READING
    return isinstance(operation, Everything)


def answer_of(action: Callable[[T], object], subject: T) -> object:
    """Return what ``action`` returns or raises."""
    try:
        return action(subject)
    except Exception as error:  # noqa: BLE001 - whatever is raised is the answer
        return error


def demand_same(expected: object, actual: object, who: str, operation: object) -> None:
    """Refuse an answer that differs from the model's.

    Args:
        expected: What the model answers.
        actual: What the adapter answers.
        who: The adapter and the tenant, in words.
        operation: What both were asked to do.

    Raises:
        AssertionError: the answers differ. Errors are compared by type and fields, those
            that say that a value is invalid by type alone.
    """
    __tracebackhide__ = True
    if is_same_answer(expected, actual):
        return
    said, says = _around_difference(_shown(expected), _shown(actual))
    text = (
        f"{who}: {cut(str(operation))}\n"
        f"  the model {_verb(expected)} {said}\n"
        f"  the adapter {_verb(actual)} {says}"
    )
    raise AssertionError(text) from (actual if isinstance(actual, Exception) else None)


def is_same_answer(expected: object, actual: object) -> bool:
    """Return whether two answers say the same; where pages go on is the adapter's own."""
    if isinstance(expected, Exception):
        return is_same_error(expected, actual)
    if isinstance(expected, Page) and isinstance(actual, Page):
        return _seen(expected) == _seen(actual)
    return bool(expected == actual)


def is_same_error(expected: Exception, actual: object) -> bool:
    """Return whether what was raised is the expected error, or a special kind of it.

    All fields count, except of errors that say that a value is invalid: their words are the
    adapter's own.
    """
    kind: type[Any] = type(expected)
    if not isinstance(actual, kind):
        return False
    if issubclass(kind, InvalidValueError) or not attrs.has(kind):
        return True
    names = [field.name for field in attrs.fields(kind)]
    return [getattr(actual, name) for name in names] == [getattr(expected, name) for name in names]


def _seen(page: Page[object]) -> Page[object]:
    return attrs.evolve(page, next=None if page.next is None else "there is more")


def _verb(answer: object) -> str:
    return "raises" if isinstance(answer, Exception) else "returns"


def _shown(answer: object) -> str:
    return source_of(_seen(answer) if isinstance(answer, Page) else answer, whole=True)


def _around_difference(one: str, other: str) -> tuple[str, str]:
    """Return two texts, cut to where they differ if they are long."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    same = next((index for index, (mine, theirs) in pairs if mine != theirs), shorter)
    begin = max(0, same - _SHOWN_BEFORE_DIFFERENCE)
    if begin == 0 or max(len(one), len(other)) <= SHOWN_CHARACTERS:
        return cut(one), cut(other)
    return f"... {cut(one[begin:])}", f"... {cut(other[begin:])}"
