"""The act of importing: files in, rows and a report out, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.db import OperationalError, connection, transaction

from ownership.importing import claiming, files, gathering, joining, placing
from ownership.importing.files import Piece, Source, Unreadable
from ownership.importing.gathering import Gathered
from ownership.importing.records import Format, Skipped
from ownership.importing.report import Report
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

_ONE_AT_A_TIME = 0x5EA31  # two imports of one catalogue would each find nothing and write everything
_NOT_AVAILABLE = "55P03"  # PostgreSQL: waited longer than lock_timeout


class CannotRead(Invalid):
    """A path that was given cannot be read."""

    code = "cannot_read"


class ImportRunning(DomainError):
    """Somebody else's import is still running and nothing of yours was kept; try again in a moment."""

    code = "import_running"


def run(
    paths: Iterable[Path],
    *,
    format: Format | None = None,  # noqa: A002 -- the public name
    dry_run: bool = False,
    all_or_nothing: bool = False,
    by: Person | None,
    now: datetime,
) -> Report:
    """Import what lies at the paths; `by` is None on the command line. A dry run does everything and keeps nothing.

    With `all_or_nothing` one error in a file refuses the whole import; otherwise the rest comes in. Waits for an
    import that is running.
    """
    gathered = _gathered(files.sources(paths, format))
    return _written(gathered, dry_run=dry_run, all_or_nothing=all_or_nothing, by=by, now=now, patience_ms=0)


def run_pieces(
    pieces: Mapping[str, Piece],
    *,
    folder: str,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    by: Person | None,
    now: datetime,
    patience_ms: int = 20_000,
) -> Report:
    """The same for the files of an upload. Raises ImportRunning when another import takes longer than `patience_ms`."""
    gathered = _gathered(files.uploaded(pieces, folder))
    links = tuple(Skipped(name, 1, "link") for name, piece in pieces.items() if piece.sort == files.LINK)
    gathered = replace(gathered, catalogue=replace(gathered.catalogue, skipped=(*gathered.catalogue.skipped, *links)))
    return _written(gathered, dry_run=dry_run, all_or_nothing=all_or_nothing, by=by, now=now, patience_ms=patience_ms)


def _gathered(sources: Iterable[Source]) -> Gathered:
    try:
        return gathering.gather(sources)
    except Unreadable as error:
        raise CannotRead(str(error)) from error


def _written(
    gathered: Gathered, *, dry_run: bool, all_or_nothing: bool, by: Person | None, now: datetime, patience_ms: int
) -> Report:
    catalogue = gathered.catalogue
    refused = all_or_nothing and any(problem.severity == "error" for problem in catalogue.problems)
    with translated():
        _wait_for_others(patience_ms)
        placed = placing.place(catalogue, now=now)
        joining.join(catalogue, placed)
        claimed = claiming.record(gathered, placed, now=now)
        if dry_run or refused:
            transaction.set_rollback(True)
    return Report(
        catalogue,
        dry_run=dry_run,
        refused=refused,
        created=+placed.created,
        added={sort: tuple(names) for sort, names in placed.added.items() if names},
        changes=tuple(claimed.changes),
        again=claimed.again,
        unresolved=tuple(claimed.unknown),
        without_account=tuple(claimed.without_account),
        skipped=(*catalogue.skipped, *placed.skipped),
        problems=(*catalogue.problems, *placed.problems),
    )


def _wait_for_others(patience_ms: int) -> None:
    """Take the one lock of imports until the transaction ends; 0 waits as long as it takes."""
    with _told_when_too_long(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience_ms}ms"])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")


@contextmanager
def _told_when_too_long() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _NOT_AVAILABLE:
            raise
        raise ImportRunning from error
