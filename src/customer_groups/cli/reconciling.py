"""The command that looks whether all that is stored about stocks agrees."""

from collections.abc import Iterator, Sequence

import click

from customer_groups.cli.options import actor
from customer_groups.cli.quantities import record_of
from customer_groups.cli.requests import request_option
from customer_groups.cli.result import Result, Table
from customer_groups.cli.session import Session
from customer_groups.reservations import (
    BypassedGate,
    Reconciliation,
    StockFinding,
    StockKey,
    reconcile_all,
    repair,
)
from customer_groups.reservations.quantities import written

__all__ = ["reconcile"]

_OF_FINDINGS = (
    *("stock", "held", "ledger says", "reservations say"),
    *("outstanding", "ledger says", "orders say", "short of"),
)
_OF_GATES = ("group", "status", "gains stock")
_ADVICE = "Activate or deactivate these groups again; of one that is deleted, release what is held."


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="Put right what does not agree.")
@request_option
@actor
@click.pass_obj
def reconcile(session: Session, /, *, repairs: bool, request_id: str, by: str | None) -> Result:
    """Look for stocks whose records do not agree, or of which more is promised than there is.

    The exit code is 1 where something is wrong; with --repair, where something is left: only
    people can find goods that are missing.
    """
    with session.reservations() as held:
        found = left = reconcile_all(held.store)
        broken = [each.stock for each in found.findings if not each.agrees] if repairs else []
        if broken:
            held.store.run(lambda work: repair(work, broken, request_id=request_id, by=by))
            left = reconcile_all(held.store)
    return _result(found, broken, is_success=not (left.findings or left.bypassed))


def _result(found: Reconciliation, repaired: Sequence[StockKey], *, is_success: bool) -> Result:
    stocks, groups = len(found.findings), len(found.bypassed)
    sentences = [f"{stocks:,} stocks and {groups:,} groups are wrong."]
    if repaired:
        sentences.append(f"Repaired: {', '.join(repaired)}.")
    return Result(
        {
            "findings": record_of(found.findings),
            "bypassed": record_of(found.bypassed),
            "repaired": repaired,
        },
        (*sentences, *_tables(found)),
        _ADVICE if found.bypassed else "",
        is_success=is_success,
    )


def _tables(found: Reconciliation) -> Iterator[Table]:
    if found.findings:
        yield Table(_OF_FINDINGS, [_row_of_finding(each) for each in found.findings])
    if found.bypassed:
        yield Table(_OF_GATES, [_row_of_gate(each) for each in found.bypassed])


def _row_of_finding(finding: StockFinding) -> tuple[str, ...]:
    audit = finding.audit
    held = (audit.totals.held, audit.ledger.held, audit.held)
    outstanding = (audit.totals.outstanding, audit.ledger.outstanding, audit.outstanding)
    return (finding.stock, *map(written, (*held, *outstanding, finding.shortfall)))


def _row_of_gate(gate: BypassedGate) -> tuple[str, str, bool]:
    return (gate.group, gate.status or "deleted", gate.is_open)
