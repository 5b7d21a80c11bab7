"""What was called on an adapter, as a program that repeats it."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import attrs

from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork
from customer_groups.testing.sources import call_source, cut, source_of

__all__ = ["PROGRAM", "Recording"]

T = TypeVar("T")

PROGRAM = "This program shows it; `adapter` is an object of your test class:\n\n"
"""How the note on an error begins."""

INDENT = "    "
SHOWN_ANSWER = 120
FIRST_LINES, LAST_LINES = 20, 40

IMPORTS = "from customer_groups.testing.programs import *"


@attrs.define(eq=False)
class _Line:
    """A line of a program.

    Attributes:
        depth: How many blocks are around it.
        source: Returns its source.
        comment: Returns what came of it.
        caught: The kind of error that it raises, and that somebody caught; empty for none.
    """

    depth: int
    source: Callable[[], str]
    comment: Callable[[], str] = str
    caught: str = ""

    def shown(self, *, is_last: bool) -> str:
        """Return the line; what is caught is suppressed, unless it is the end."""
        source = self.source()
        if self.caught and not is_last:
            suppressed = f"with suppress({self.caught})"
            is_block = source.startswith("with ")
            source = f"{suppressed}, {source[5:]}" if is_block else f"{suppressed}: {source}"
        return f"{INDENT * self.depth}{source}{self.comment()}"


class Recording:
    """Notes what is called on stores.

    Printed, it is a program; behind each call stands, as a comment, what came of it. A
    callback that the kit passed stands there as ``print``.
    """

    def __init__(self) -> None:
        """Begin with a storage on which no store is open."""
        self._lines: list[_Line] = []
        self._depth = 0
        self._stores = 0
        self._customers: list[Sequence[Customer]] = []
        self._raised: BaseException | None = None
        self._note(lambda: IMPORTS)
        self._raising = self._note(lambda: "storage = adapter.make_storage()")

    def __str__(self) -> str:
        lines = self._shown_lines()
        left_out = len(lines) - FIRST_LINES - LAST_LINES
        if left_out > 0:
            lines[FIRST_LINES:-LAST_LINES] = [f"# ... {left_out:,} lines are left out ..."]
        return "\n".join(lines)

    def _shown_lines(self) -> list[str]:
        shown: list[str] = []
        outermost = math.inf  # of the lines behind
        for line in reversed(self._lines):
            shown.append(line.shown(is_last=outermost > line.depth))
            outermost = min(outermost, line.depth)
        return shown[::-1]

    def explain(self, error: BaseException) -> None:
        """Attach the program to the error in which it ends."""
        indented = str(self).replace("\n", f"\n{INDENT}")
        error.add_note(f"{PROGRAM}{INDENT}{indented}")

    def open(
        self, tenant: str, customers: Sequence[Customer], open_store: Callable[[], GroupStore]
    ) -> GroupStore:
        """Open a store that notes what is called on it, and passes it on.

        Args:
            tenant: Its tenant.
            customers: The customers that it is opened with.
            open_store: Opens it.
        """
        self._stores += 1
        name, of = f"store{self._stores}", self._name_of(customers)
        self._note(lambda: f"{name} = adapter.open_store(storage, {tenant!r}, {of})")
        return _RecordedStore(open_store(), self, str(self._stores))

    def _name_of(self, customers: Sequence[Customer]) -> str:
        if customers not in self._customers:
            self._customers.append(customers)
            name = f"customers{len(self._customers)}"
            self._note(lambda: f"{name} = {source_of(customers)}")
        return f"customers{self._customers.index(customers) + 1}"

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Return a context whose calls are forgotten if no exception leaves it."""
        noted = len(self._lines)
        yield
        del self._lines[noted:]

    @contextmanager
    def block(self, source: str) -> Iterator[None]:
        """Note a block of calls, and the exception that leaves it."""
        head = self._note(lambda: source)
        self._depth += 1
        try:
            yield
            if head is self._lines[-1]:
                self._note(lambda: "pass")
        except BaseException as error:
            self._note_what_leaves(head, error)
            raise
        finally:
            self._depth -= 1

    def _note_what_leaves(self, head: _Line, error: BaseException) -> None:
        kind = type(error).__name__
        if error is self._raised:
            self._raising.caught = ""
        elif not isinstance(error, AssertionError):
            self._note(lambda: f"raise {kind}")
        self._raised, self._raising = error, head
        head.caught = "" if isinstance(error, AssertionError) else kind

    def call(
        self, work: str, groups: object, method: str, args: list[Any], options: dict[str, Any]
    ) -> object:
        """Call a method of a repository, and note the call and what came of it."""
        args = [_Noted(each) if isinstance(each, Iterator) else each for each in args]
        line = self._note(lambda: call_source(f"{work}.groups.{method}", args, options))
        try:
            answer = getattr(groups, method)(*args, **options)
        except BaseException as error:
            kind, said = type(error).__name__, str(error)
            line.comment = lambda: _comment(f"raises {kind}: {said}")
            line.caught = kind
            self._raised, self._raising = error, line
            raise
        if answer is not None:
            line.comment = lambda: _comment(f"returns {source_of(answer)}")
        return answer

    def _note(self, source: Callable[[], str]) -> _Line:
        line = _Line(self._depth, source)
        self._lines.append(line)
        return line


class _RecordedStore(GroupStore):
    def __init__(self, store: GroupStore, recording: Recording, number: str) -> None:
        self._store = store
        self._recording = recording
        self._number = number

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Note the transaction as a block."""
        name = f"work{self._number}"
        with (
            self._store.transaction() as work,
            self._recording.block(f"with store{self._number}.transaction() as {name}:"),
        ):
            yield _RecordedWork(work, self._recording, name)

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Note each attempt as a block."""
        name = f"work{self._number}"

        def recorded(work: UnitOfWork) -> T:
            with self._recording.block(f"with store{self._number}.transaction() as {name}:"):
                return operation(_RecordedWork(work, self._recording, name))

        return self._store.run(recorded)


class _RecordedWork(UnitOfWork):
    def __init__(self, work: UnitOfWork, recording: Recording, name: str) -> None:
        self._work = work
        self._recording = recording
        self._name = name

    @property
    def groups(self) -> GroupRepository:
        """The repository, whose calls are noted."""
        groups = _RecordedGroups(self._work.groups, self._recording, self._name)
        return cast(GroupRepository, groups)

    @property
    def customers(self) -> CustomerDirectory:
        """The directory as it is."""
        return self._work.customers


class _RecordedGroups:
    """Passes every call on to a repository."""

    def __init__(self, groups: GroupRepository, recording: Recording, work: str) -> None:
        self._groups = groups
        self._recording = recording
        self._work = work

    def __getattr__(self, method: str) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            return self._recording.call(self._work, self._groups, method, [*args], options)

        call.__name__ = method
        return call

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Note the context as a block."""
        with self._groups.atomic(), self._recording.block(f"with {self._work}.groups.atomic():"):
            yield


class _Noted(Iterator[object]):
    """Passes the values of an iterator on, and keeps them for the program."""

    def __init__(self, values: Iterator[object]) -> None:
        self._values = values
        self._seen: list[object] = []

    def __next__(self) -> object:
        value = next(self._values)
        self._seen.append(value)
        return value

    def __repr__(self) -> str:
        return f"iter({source_of(self._seen)})"


def _comment(text: str) -> str:
    return cut(f"  # {text}".replace("\n", " "), SHOWN_ANSWER)
