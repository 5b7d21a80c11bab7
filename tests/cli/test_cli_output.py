"""What people and programs see: on a terminal, in a pipe, and where characters are missing."""

import io
import json
import re
import sys
from datetime import UTC, datetime

import pytest

from customer_groups.cli.output import progress_bar, show_error, show_result
from customer_groups.cli.result import Result, Table
from customer_groups.errors import GroupNotFoundError, SchemaError

TABLE = Table(("name", "number"), [("[bold]Ω\x1b[2J", 5), ("a\tb\nc", 1_000)])
RESULT = Result({"name": "Ω"}, ("Done\u202e.", TABLE), "There is more.")


class Stream(io.TextIOWrapper):
    """A stream of text that may say that it is a terminal."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool) -> None:
        """Make an empty one."""
        super().__init__(io.BytesIO(), encoding)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        """Return what was said."""
        return self.is_terminal

    @property
    def text(self) -> str:
        """What was written."""
        self.flush()
        self.seek(0)
        return self.read()


def terminal(monkeypatch: pytest.MonkeyPatch) -> Stream:
    """Let standard output and standard error be one terminal, and return it."""
    stream = Stream(is_terminal=True)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return stream


def test_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """There are tabs between cells and no control characters; the note is not in the way."""
    show_result(RESULT, as_json=False)

    assert capsys.readouterr() == (
        "Done\ufffd.\n\nname\tnumber\n[bold]Ω\ufffd[2J\t5\na\ufffdb\ufffdc\t1000\n",
        "There is more.\n",
    )


def test_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is empty, yes and no are words, times end at the second."""
    time = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)

    show_result(Result({}, (Table("abcd", [(None, True, False, time)]),)), as_json=False)

    assert capsys.readouterr().out == "a\tb\tc\td\n\tyes\tno\t2026-01-02T03:04:05+00:00\n"


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """There is one object in ASCII, which every reader understands, and nothing else."""
    show_result(RESULT, as_json=True)

    out, err = capsys.readouterr()
    assert (out.isascii(), json.loads(out), err) == (True, {"name": "Ω"}, "")


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are drawn; what stands in them neither marks nor steers anything."""
    screen = terminal(monkeypatch)

    show_result(RESULT, as_json=False)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", screen.text)
    assert "Done\ufffd." in plain
    assert re.search(r" +name +number *\n ─+ *\n", plain)
    assert re.search(r" +\[bold\]Ω\ufffd\[2J +5 *\n", plain)
    assert re.search(r" +a\ufffdb\ufffdc +1000 *\n", plain)
    assert plain.endswith("There is more.\n")


def test_characters_that_the_terminal_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are replaced; a lone surrogate is none that any terminal has."""
    stream = Stream("latin-1", is_terminal=False)
    monkeypatch.setattr(sys, "stdout", stream)

    show_result(Result({}, ("é Ω \ud800",)), as_json=False)

    assert stream.text == "é ? ?\n"


def test_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """An error is one line on standard error, and with JSON an object as well."""
    show_error(GroupNotFoundError("X"), as_json=False)
    line = "Error: no customer group has the code 'X'; search for it by name\n"
    assert capsys.readouterr() == ("", line)

    show_error(SchemaError(2, 1), as_json=True)
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert error["type"] == "SchemaError"
    assert error["message"].startswith("the tables of customer_groups have version 2")
    assert err == f"Error: {error['message']}\n"


def test_an_error_of_the_system_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said as it is."""
    show_error(OSError("no space left"), as_json=False)

    assert capsys.readouterr().err == "Error: no space left\n"


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar says what is going on and how far it is, and is gone in the end."""
    screen = terminal(monkeypatch)

    with progress_bar("Reading", then="Storing") as tell:
        tell(0, None)
        tell(1, 4)
        tell(4, 4)

    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.text)
    assert re.search(r"Storing ━+ 100%", plain)
    assert screen.text.endswith("\x1b[2K")


def test_progress_of_one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is going on keeps its name where nothing follows."""
    screen = terminal(monkeypatch)

    with progress_bar("Writing") as tell:
        tell(4, 4)

    assert "Writing" in screen.text


def test_no_progress_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing is written about progress."""
    with progress_bar("Reading") as tell:
        tell(1, 4)

    assert capsys.readouterr() == ("", "")
