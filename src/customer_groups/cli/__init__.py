"""The command line, ``customer-groups``; it comes with the extra ``cli``."""

import os
import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments of this process name, and end with its exit code."""
    try:
        from customer_groups.cli.commands import commands  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        sys.exit(f'{error.name} is missing; run: pip install "customer-groups[cli]"')
    _replace_closed_streams()
    commands(prog_name="customer-groups")


def _replace_closed_streams() -> None:
    """Let a process that was started without standard streams read and write nothing."""
    nowhere = Path(os.devnull)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, nowhere.open(mode, encoding="utf-8"))
