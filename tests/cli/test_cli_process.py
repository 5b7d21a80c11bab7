"""The command line as a process: its entry point, its streams, and how it ends."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run
from customer_groups.cli import main

pytestmark = pytest.mark.usefixtures("shop")

COMMAND = str(Path(sys.executable).with_name("customer-groups"))


def process(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the installed command."""
    return subprocess.run([COMMAND, *arguments], input=stdin, capture_output=True, check=False)


def test_the_installed_command() -> None:
    """It works through pipes, in bytes, and ends with the exit code of its command."""
    created = process("--json", "create", "Bärs")
    imported = process("--json", "import", "CG-000001", "-", stdin=b"00001\r\n4\r\nnobody")
    exported = process("export", "--group", "CG-000001")
    missing = process("show", "CG-2")

    assert json.loads(created.stdout)["name"] == "Bärs"
    assert (json.loads(imported.stdout)["counts"]["added"], imported.stderr) == (2, b"")
    assert exported.stdout.startswith(b"key,code,name,since,by\r\n00001,00001,Anna's Bar,")
    assert exported.stderr == b""
    assert (missing.returncode, missing.stdout, missing.stderr.count(b"\n")) == (1, b"", 1)
    assert process("show").returncode == 2


@pytest.mark.parametrize("arguments", ["customers", "--json customers", "export", "show CG-000001"])
def test_nobody_reads_the_output(arguments: str) -> None:
    """A pipe that is closed at the other end is no reason to complain."""
    run("create", "Bars")
    reading, writing = os.pipe()
    os.close(reading)

    words = [COMMAND, *arguments.split()]
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, b"")


def test_nobody_reads_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, seen from within."""

    def break_pipe(*_: object, **__: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "broken pipe")

    monkeypatch.setattr("customer_groups.cli.exports.export_groups", break_pipe)

    done = run("export")

    assert (done.exit_code, done.stdout, done.stderr) == (1, "", "")


def test_a_terminal() -> None:
    """On a terminal there are tables and a progress bar, and the bar is gone in the end."""
    pty = pytest.importorskip("pty", reason="terminals are tried on Unix only")
    run("create", "Bars")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}

    words = [COMMAND, "import", "CG-000001", "customers.csv"]
    done = subprocess.run(words, stdout=theirs, stderr=theirs, env=environment, check=False)
    os.close(theirs)
    seen = os.read(ours, 1 << 16).decode()
    os.close(ours)

    assert done.returncode == 0
    bar, cleared, report = seen.rpartition("\x1b[2K")
    assert "100%" in bar
    assert cleared
    assert report.startswith("4 of 5 added to CG-000001.")
    assert "─────" in report


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command without a word, and nothing is stored."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    run("create", "Bars")
    monkeypatch.setattr("customer_groups.importing.task.well_formed", interrupt)

    done = run("import", "CG-000001", "customers.csv")

    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "")
    assert run("show", "CG-000001").stdout.count("\n\n") == 1


def test_the_entry_point(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It runs the command that the arguments of the process name."""
    monkeypatch.setattr(sys, "argv", ["anything", "--help"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: customer-groups [OPTIONS] COMMAND")


@pytest.mark.parametrize("package", ["click", "rich", "sqlalchemy", "tenacity"])
def test_without_the_extra(package: str) -> None:
    """A package that is missing is said in one line, with what to do."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; from customer_groups.cli import main; main()"
    )
    words = [sys.executable, "-c", code]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    advice = 'is missing; run: pip install "customer-groups[cli]"\n'
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{package} {advice}"


def test_without_click(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, seen from within."""
    monkeypatch.delitem(sys.modules, "customer_groups.cli.commands")
    monkeypatch.setitem(sys.modules, "click", None)

    with pytest.raises(SystemExit, match="click is missing; run: pip install"):
        main()


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_a_process_without_streams(closed: str) -> None:
    """As a scheduler may start it: it does its work, and complains to nobody."""
    script = f'"$0" --json import CG-000001 - {closed} && "$0" customers {closed}'
    run("create", "Bars")
    words = ["/bin/sh", "-c", script, COMMAND]
    done = subprocess.run(words, input=b"", capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_streams_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, seen from within."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(sys, "argv", ["customer-groups", "customers"])
    with pytest.raises(SystemExit) as ended:
        main()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()
    assert not ended.value.code


def test_a_standard_stream_by_its_path() -> None:
    """Files go where the stream is, behind what stands there and before what follows."""
    run("create", "Bars")
    script = (
        'echo before; "$0" import CG-000001 - --rejects /dev/stdout; '
        '"$0" export --format jsonl /dev/stdout'
    )
    with Path("out").open("wb") as out:
        words = ["/bin/sh", "-c", script, COMMAND]
        subprocess.run(words, input=b"00001\nnobody\n", stdout=out, check=True)

    lines = Path("out").read_text().splitlines()
    assert lines[:2] == ["before", "customer code,line,outcome,reason,message"]
    assert lines[3] == "1 of 2 added to CG-000001."
    assert json.loads(lines[-2])["name"] == "Bars"
    assert lines[-1] == "Wrote 1 to /dev/stdout."


def test_a_full_disk_is_told_in_one_line() -> None:
    """Whatever the output goes to may be full."""
    with Path("/dev/full").open("wb") as full:
        words = [COMMAND, "customers"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
