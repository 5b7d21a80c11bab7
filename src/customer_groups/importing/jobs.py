"""What all imports have in common: something to read, rejects, and all or nothing."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import attrs

from customer_groups.errors import (
    InvalidValueError,
    RejectsNotWrittenError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.files.formats import DELIMITED, IMPORTS, JSON_LINES, XLSX
from customer_groups.files.reading import Detected
from customer_groups.files.target import Target, require_writable
from customer_groups.files.writers import writer_like
from customer_groups.importing.intake import FileList, ValueList
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork

__all__ = ["Job", "atomic"]

_SUFFIXES: Final = MappingProxyType({DELIMITED: ".csv", XLSX: ".xlsx", JSON_LINES: ".jsonl"})
"""What the name of a file of rejects ends in, by the format of the list."""

Found = TypeVar("Found")
Report = TypeVar("Report")


@attrs.frozen(kw_only=True)
class Job(ABC, Generic[Found, Report]):
    """Something to import, as it was asked for.

    Attributes:
        list: What is to be read.
        dry_run: Whether everything is undone at the end.
        rejects: Where to write the rejects.
    """

    list: FileList | ValueList
    dry_run: bool = False
    rejects: Target | None = None

    @property
    def most_reported(self) -> int:
        """How many rejects the report holds."""
        return self.list.layout.limits.reported_rejects

    @property
    def most_kept(self) -> int | None:
        """How many rejects are to be set aside; None for all, where they will be written."""
        return self.most_reported if self.rejects is None else None

    @abstractmethod
    def collected_rejects(self) -> AbstractContextManager[Found]:
        """Return where to collect rejects."""

    @abstractmethod
    def run(self, work: UnitOfWork, found: Found) -> Report:
        """Do what was asked for, once; rejects of an earlier attempt are forgotten."""

    @abstractmethod
    def deliver(self, found: Found, report: Report) -> None:
        """Write the rejects, if that was asked for."""

    def require_deliverable(self) -> None:
        """Find out before anything is stored whether rejects can be written at all.

        Raises:
            InvalidValueError: they would replace the list, are bytes for a file of text, or
                have another format than the name of their file says.
            OSError: they cannot be written.
        """
        if self.rejects is None:
            return
        if isinstance(self.rejects, str | os.PathLike):
            _require_another_file(self.rejects, self.list.source)
            _require_suffix(self.rejects, self.list.format)
        writer = writer_like(self.list.layout, Detected(format=self.list.format))
        require_writable(self.rejects, writer.encoding)

    def run_in(self, work: UnitOfWork) -> Report:
        """Import in an open unit of work."""
        with self.collected_rejects() as found, atomic(work.groups, undo=self.dry_run):
            report = self.run(work, found)
            self.deliver(found, report)
        return report

    def run_alone(self, store: GroupStore) -> Report:
        """Import in a transaction of its own, and again where another one was in the way."""
        with self.collected_rejects() as found:
            with self.list.repeatable() as again:

                def attempt(work: UnitOfWork) -> Report:
                    with atomic(work.groups, undo=self.dry_run), _stale_is_worth_a_retry():
                        return attrs.evolve(self, list=again()).run(work, found)

                report = store.run(attempt)
            self._deliver_stored(found, report)
        return report

    def _deliver_stored(self, found: Found, report: Report) -> None:
        try:
            self.deliver(found, report)
        except Exception as error:
            if self.dry_run:
                raise
            raise RejectsNotWrittenError(report, str(error)) from error


def _require_another_file(rejects: str | os.PathLike[str], source: object) -> None:
    """Do nothing if rejects at this path leave the file of the list as it is."""
    path = Path(rejects)
    with suppress(AttributeError, OSError):  # where one of them is no file
        if path.is_file() and os.path.samestat(path.stat(), _status(source)):
            reason = "is the list itself; name another file"
            raise InvalidValueError("rejects", os.fspath(rejects), reason)


def _status(file: Any) -> os.stat_result:  # noqa: ANN401 - whatever may be a source
    return Path(file).stat() if isinstance(file, os.PathLike) else os.fstat(file.fileno())


def _require_suffix(rejects: str | os.PathLike[str], format: str) -> None:
    """Do nothing if the name of a file does not say that rejects of this format are others."""
    written = format if format in _SUFFIXES else DELIMITED
    said = IMPORTS.by_suffix.get(PurePath(rejects).suffix.lower(), written)
    if said != written:
        suffix = _SUFFIXES[written]
        reason = f"says {said}, and rejects of this list are {written}: let it end in {suffix}"
        raise InvalidValueError("rejects", os.fspath(rejects), reason)


class _UndoError(Exception):
    """Leaves a context to undo what happened in it."""


@contextmanager
def atomic(groups: GroupRepository, *, undo: bool) -> Iterator[None]:
    """Keep all that happens, or nothing if an exception leaves the context, or on demand."""
    with suppress(_UndoError), groups.atomic():
        yield
        if undo:
            raise _UndoError


@contextmanager
def _stale_is_worth_a_retry() -> Iterator[None]:
    try:
        yield
    except StaleGroupError as error:
        raise RetryableConflictError(str(error)) from error
