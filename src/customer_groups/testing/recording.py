"""What was called on an adapter, as a program that repeats it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork
from customer_groups.testing.sources import call_source, source_of

__all__ = ["PROGRAM", "Recording"]

T = TypeVar("T")

PROGRAM = "This program shows it; `adapter` is an object of your test class:\n\n"
"""How the note on an error begins."""

INDENT = "    "
SHOWN_ANSWER = 120
FIRST_LINES, LAST_LINES = 20, 40

_Line = Callable[[], str]


class Recording:
    """Notes what is called on stores.

    Printed, it is a program; behind each call stands, as a comment, what came of it. A
    callback that the kit passed stands there as ``print``.
    """

    def __init__(self) -> None:
        """Begin with a storage on which no store is open."""
        self._lines: list[_Line] = [lambda: "storage = adapter.make_storage()"]
        self._depth = 0
        self._stores = 0
        self._customers: list[Sequence[Customer]] = []
        self._raised: BaseException | None = None

    def __str__(self) -> str:
        lines = [line() for line in self._lines]
        left_out = len(lines) - FIRST_LINES - LAST_LINES
        if left_out > 0:
            lines[FIRST_LINES:-LAST_LINES] = [f"# ... {left_out:,} lines are left out ..."]
        return "\n".join(lines)

    def explain(self, error: BaseException) -> None:
        """Attach the program to the error in which it ends."""
        indented = str(self).replace("\n", f"\n{INDENT}")
        error.add_note(f"{PROGRAM}{INDENT}{indented}")

    def store(self, store: GroupStore, tenant: str, customers: Sequence[Customer]) -> GroupStore:
        """Return a store that notes what is called on it, and passes it on.

        Args:
            store: The store, just opened.
            tenant: Its tenant.
            customers: The customers that it was opened with.
        """
        self._stores += 1
        name, of = f"store{self._stores}", self._name_of(customers)
        self._note(lambda: f"{name} = adapter.open_store(storage, {tenant!r}, {of})")
        return _RecordedStore(store, self, str(self._stores))

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
    def block(self, head: str) -> Iterator[None]:
        """Note a block of calls, and the exception that leaves it."""
        self._note(lambda: head)
        self._depth += 1
        begun = len(self._lines)
        try:
            yield
            if len(self._lines) == begun:
                self._note(lambda: "pass")
        except BaseException as error:
            if error is not self._raised and not isinstance(error, AssertionError):
                raising = f"raise {type(error).__name__}"
                self._note(lambda: raising)
                self._raised = error
            raise
        finally:
            self._depth -= 1

    def call(
        self, work: str, groups: object, method: str, args: list[Any], options: dict[str, Any]
    ) -> object:
        """Call a method of a repository, and note the call and what came of it."""
        came: list[_Line] = []
        args = [_Noted(each) if isinstance(each, Iterator) else each for each in args]
        name = f"{work}.groups.{method}"
        self._note(lambda: f"{call_source(name, args, options)}{''.join(line() for line in came)}")
        try:
            answer = getattr(groups, method)(*args, **options)
        except BaseException as error:
            self._raised = error
            raised = f"  # raises {type(error).__name__}: {error}"
            came.append(lambda: _cut(raised))
            raise
        if answer is not None:
            came.append(lambda: _cut(f"  # returns {source_of(answer)}"))
        return answer

    def _note(self, line: _Line) -> None:
        indent = INDENT * self._depth
        self._lines.append(lambda: f"{indent}{line()}")


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


def _cut(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= SHOWN_ANSWER else f"{line[:SHOWN_ANSWER]} ..."
