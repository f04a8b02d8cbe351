"""The act of importing: files in, rows and a report out, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from ownership.importing import claiming, gathering, joining, placing
from ownership.importing.files import Unreadable
from ownership.importing.records import Format
from ownership.importing.report import Report
from ownership.models import Person
from web.errors import Invalid, translated

_ONE_AT_A_TIME = 0x5EA31  # two imports of one catalogue would each find nothing and write everything


class CannotRead(Invalid):
    """A path that was given cannot be read."""

    code = "cannot_read"


def run(
    paths: Iterable[Path],
    *,
    format: Format | None = None,  # noqa: A002 (the public name)
    dry_run: bool = False,
    all_or_nothing: bool = False,
    by: Person | None,
    now: datetime,
) -> Report:
    """Import what lies at the paths; `by` is None on the command line. A dry run does everything and keeps nothing.

    With `all_or_nothing` one error in a file refuses the whole import; otherwise the rest comes in.
    """
    try:
        catalogue, labels = gathering.gather(paths, format)
    except Unreadable as error:
        raise CannotRead(str(error)) from error
    refused = all_or_nothing and any(problem.severity == "error" for problem in catalogue.problems)
    with translated():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        placed = placing.place(catalogue, now=now)
        joining.join(catalogue, placed)
        unknown, without_account = claiming.record(catalogue, placed, labels=labels, now=now)
        if dry_run or refused:
            transaction.set_rollback(True)
    return Report(
        catalogue,
        dry_run=dry_run,
        refused=refused,
        created=+placed.created,
        unresolved=unknown,
        without_account=without_account,
        skipped=(*catalogue.skipped, *placed.skipped),
        problems=(*catalogue.problems, *placed.problems),
    )
