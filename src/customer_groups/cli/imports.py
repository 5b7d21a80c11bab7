"""Commands that import a list of customers into a group, at once or as planned, and undo it."""

from pathlib import Path
from typing import Unpack

import click

from customer_groups.cli.kept import keep, keep_after_all, read_kept, require_place
from customer_groups.cli.options import (
    FILE,
    ListOptions,
    actor,
    dry_run,
    list_options,
    output,
    report_option,
    source_at,
    strict,
)
from customer_groups.cli.outcomes import (
    first_of,
    import_and_rejects,
    note_on_hidden,
    sentence_on_layout,
    tables_of_outcomes,
    with_note_on_dry_run,
)
from customer_groups.cli.output import progress_bar
from customer_groups.cli.result import Result, Table
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.importing import (
    ImportMode,
    ImportPlan,
    ImportReport,
    apply_plan,
    import_into,
    plan_import,
    undo_import,
)

__all__ = ["apply", "import_list", "plan", "undo"]

_SENTENCES = {
    ImportMode.ADD: "{added:,} of {values:,} added to {group}.",
    ImportMode.REMOVE: "{removed:,} of {values:,} removed from {group}.",
    ImportMode.REPLACE: "{added:,} of {values:,} added to {group}, {removed:,} others removed.",
}


@click.command("import")
@click.argument("code")
@click.argument("file", type=FILE)
@list_options
@dry_run
@report_option
@actor
@click.pass_obj
def import_list(
    session: Session,
    /,
    *,
    code: str,
    file: str,
    rejects: Path | None,
    dry_run: bool,
    report: Path | None,
    strict: bool,
    by: str | None,
    **options: Unpack[ListOptions],
) -> Result:
    """Import the customers of a FILE into a group.

    Each of them has an outcome, and those who cannot be used do not keep the others out.
    For FILE - is standard input.
    """
    require_place(report, file, rejects)
    with session.store() as store, progress_bar("Reading", then="Storing") as tell:
        done, failure = import_and_rejects(
            lambda: import_into(
                store,
                code,
                source_at(file),
                rejects=rejects,
                dry_run=dry_run,
                by=by,
                on_progress=tell,
                **options,
            ),
            rejects,
        )
    not_kept = keep_after_all(done, report)
    return _result(done, is_strict=strict, failure=failure or not_kept)


@click.command()
@click.argument("code")
@click.argument("file", type=FILE)
@click.argument("plan", type=output)
@list_options
@click.pass_obj
def plan(
    session: Session,
    /,
    *,
    code: str,
    file: str,
    plan: Path,
    rejects: Path | None,
    strict: bool,
    **options: Unpack[ListOptions],
) -> Result:
    """Try to import a FILE into a group, and write a PLAN for apply.

    The report is that of a dry run. For FILE - is standard input.
    """
    require_place(plan, file, rejects)
    with session.transaction() as work, progress_bar("Reading", then="Trying") as tell:
        made = plan_import(
            work, code, source_at(file), rejects=rejects, on_progress=tell, **options
        )
    keep(made, plan)
    return _result(made.report, is_strict=strict)


@click.command()
@click.argument("plan", type=FILE)
@report_option
@strict
@actor
@click.pass_obj
def apply(
    session: Session, /, *, plan: str, report: Path | None, strict: bool, by: str | None
) -> Result:
    """Import the list that a PLAN holds.

    If the customers of the group changed since it was made, nothing is imported. For PLAN -
    is standard input.
    """
    require_place(report, plan)
    planned = read_kept(plan, ImportPlan, "a plan of an import")
    with session.transaction() as work, progress_bar("Storing"):
        done = apply_plan(work, planned, by=by)
    return _result(done, is_strict=strict, failure=keep_after_all(done, report))


@click.command()
@click.argument("report", type=FILE)
@actor
@click.pass_obj
def undo(session: Session, /, *, report: str, by: str | None) -> Result:
    """Remove the customers whom an import added and who are still there from it.

    REPORT is what the import wrote with --report, or with --json; - is standard input.
    """
    imported = read_kept(report, ImportReport, "a report of an import")
    with session.transaction() as work:
        undone = undo_import(work, imported, by=by)
    sentence = f"{undone.removed:,} of {imported.counts.added:,} removed from {undone.group} again."
    lost = f"{undone.not_restored:,} left by the import, and do not come back: import them again."
    return Result(
        make_converter().unstructure(undone), (sentence,), lost if undone.not_restored else ""
    )


def _result(report: ImportReport, *, is_strict: bool, failure: str = "") -> Result:
    counts, leaving = report.counts, [(key,) for key in report.leaving]
    sentence = _SENTENCES[report.mode].format(
        added=counts.added, removed=counts.removed, values=report.values, group=report.group
    )
    sentence = with_note_on_dry_run(sentence, is_dry_run=report.dry_run)
    tables = tables_of_outcomes(counts.by_outcome().items(), report.rejects)
    leaves = (Table(("leaves",), first_of(leaving)),) if leaving else ()
    notes = (
        note_on_hidden(counts.rejected, "rejects", "--rejects FILE writes all"),
        _note_on_correcting(report),
        note_on_hidden(len(leaving) + report.leaving_omitted, "leave", "--json shows more of them"),
    )
    return Result(
        make_converter().unstructure(report),
        (sentence, sentence_on_layout(report.detected), *tables, *leaves),
        "\n".join(filter(None, notes)),
        failure,
        is_success=not (is_strict and counts.rejected),
    )


def _note_on_correcting(report: ImportReport) -> str:
    """Return a sentence on rejects that must not be imported as the list was."""
    if report.mode is not ImportMode.REPLACE or not report.counts.rejected:
        return ""
    return (
        "Import the rejects, once corrected, with --mode add:"
        " with --mode replace they would be the only members."
    )
