"""The command line, ``customer-groups``; it comes with the extra ``cli``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments of this process name, and end with its exit code."""
    try:
        from customer_groups.cli.commands import commands  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        sys.exit(f'{error.name} is missing; run: pip install "customer-groups[cli]"')
    commands(prog_name="customer-groups")
