"""The command line for tests: run in this process, as in a pipe."""

import json
from typing import Any

import attrs
from click.testing import CliRunner

from customer_groups.cli.commands import commands

__all__ = ["Done", "as_json", "run"]


@attrs.frozen
class Done:
    """What a command left behind.

    Attributes:
        exit_code: How it ended.
        stdout: What it wrote to standard output.
        stderr: What it wrote to standard error.
    """

    exit_code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[list[str]]:
        """Standard output: the cells of each line."""
        return [line.split("\t") for line in self.stdout.splitlines()]


def run(*arguments: str, stdin: bytes | str = b"") -> Done:
    """Run a command; what it raises and does not handle comes out."""
    done = CliRunner().invoke(commands, arguments, input=stdin, catch_exceptions=False)
    return Done(done.exit_code, done.stdout, done.stderr)


def as_json(*arguments: str, exit_code: int = 0) -> Any:  # noqa: ANN401  JSON is anything
    """Run a command with ``--json``, and return the one object that it wrote."""
    done = run("--json", *arguments)
    assert done.exit_code == exit_code, done.stderr
    return json.loads(done.stdout)
