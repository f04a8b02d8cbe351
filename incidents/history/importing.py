"""The act of importing: a file in, incidents of the past and a report out, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import OperationalError, connection

from incidents.history import planning, updating, writing
from incidents.history.reading.mapping import Mapping
from incidents.history.report import Report
from ownership.models import Person
from web.errors import DomainError, translated

_ONE_AT_A_TIME = 0x5EA32  # two imports of one collection would each find nothing and write everything
_NOT_AVAILABLE = "55P03"  # PostgreSQL: waited longer than lock_timeout
QUIETLY = "seamline.importing"  # triggers that tell of incidents look at it: what is long over pages nobody


class ImportRunning(DomainError):
    """Somebody else's import is still running and nothing of yours was written; try again in a moment."""

    code = "import_running"


def run(
    data: bytes,
    mapping: Mapping,
    *,
    file: str,
    by: Person,
    now: datetime,
    dry_run: bool = False,
    all_or_nothing: bool = True,
    patience_ms: int = 20_000,
) -> Report:
    """Import one file. A dry run says what would come of it and writes nothing.

    With `all_or_nothing` one error in a row refuses the whole file; otherwise the good rows come in. Waits up to
    `patience_ms` for an import that is running, or raises ImportRunning.
    """
    with translated():
        _wait_for_others(patience_ms)
        plan = planning.plan(data, mapping, file=file, by=by, now=now)
        refused = all_or_nothing and plan.errors > 0
        if dry_run or refused:
            return plan.report(dry_run=dry_run, refused=refused)
        if not plan.fresh and not plan.updates:
            return plan.report()
        report = plan.report()
        wanted = set(report.services)
        with _quietly():
            new = {slug: name for slug, name in plan.names.new.items() if name in wanted}
            writing.make_services(new, collection=mapping.collection)
            names = writing.Names(plan.names)
            made: dict[str, int] = {}
            for start in range(0, len(plan.fresh), writing.BATCH):
                batch = plan.fresh[start : start + writing.BATCH]
                made |= writing.write(batch, names, collection=mapping.collection, by=by, now=now)
            updating.update(plan.updates, names, collection=mapping.collection, by=by, now=now)
    return replace(report, added=tuple(replace(one, incident=made[one.key]) for one in report.added))


@contextmanager
def _quietly() -> Iterator[None]:
    """Within this transaction, nobody is paged and no webhook hears of what is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [QUIETLY])
        yield
        cursor.execute("SELECT set_config(%s, 'off', true)", [QUIETLY])


def _wait_for_others(patience_ms: int) -> None:
    """Take the one lock of imports until the transaction ends."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience_ms}ms"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _NOT_AVAILABLE:
            raise
        raise ImportRunning from error
