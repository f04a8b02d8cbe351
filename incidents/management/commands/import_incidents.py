"""`manage.py import_incidents PATH --mapping FILE [--dry-run] [--good-rows] [--by EMAIL] [--json]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incidents.history import importing
from incidents.history.reading import mapping
from incidents.history.report import Report
from ownership.models import Person
from ownership.vocabulary import Role

UNREADABLE = 2  # exit status: the file or the mapping cannot be used at all


class Command(BaseCommand):
    """Brings in incidents of the past from a file that lies on this machine."""

    help = "Import past incidents from CSV, JSON Lines or JSON by a mapping file. Nobody is told of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, how, and whether to keep it."""
        parser.add_argument("path", metavar="PATH", type=Path, help="a .csv, .jsonl or .json file")
        parser.add_argument("--mapping", metavar="FILE", type=Path, required=True, help="which column is what, in YAML")
        parser.add_argument("--dry-run", action="store_true", help="show what would come of it and write nothing")
        parser.add_argument(
            "--good-rows", action="store_true", help="bring in the good rows although others have errors"
        )
        parser.add_argument("--by", metavar="EMAIL", default="", help="who says so; by default the first admin")
        parser.add_argument("--json", action="store_true", help="print the whole report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """The report on standard output; exit status 1 when the import was refused, 2 when nothing can be read."""
        path: Path = options["path"]
        try:
            told = mapping.load(_read(options["mapping"]).decode())
        except mapping.BadMapping as error:
            raise CommandError(f"{options['mapping']}: {error}", returncode=UNREADABLE) from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['mapping']} is not UTF-8 text.", returncode=UNREADABLE) from error
        report = importing.run(
            _read(path),
            told,
            file=path.name,
            by=_person(options["by"]),
            now=timezone.now(),
            dry_run=options["dry_run"],
            all_or_nothing=not options["good_rows"],
            patience_ms=0,
        )
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        else:
            self._tell(report)
        if report.refused:
            some = report.added or report.changes or report.unchanged or report.skipped
            cure = "Cure them, or say --good-rows." if some else "No row of it can be read."
            message = f"Nothing was imported: {len(report.errors)} errors. {cure}"
            raise CommandError(message, returncode=1 if some else UNREADABLE)

    def _tell(self, report: Report) -> None:
        self.stdout.write(f"{report.file}: {report.rows} rows of {report.collection}")
        reasons = [one.reason for one in report.skipped]
        for reason in dict.fromkeys(reasons):
            self.stdout.write(f"skipped {reasons.count(reason)}: {reason}")
        for problem in report.problems:
            where = f"{problem.file}:{problem.line}"
            self.stdout.write(f"{problem.severity} {where}: {problem.message} ({problem.code})")
        for one in report.changes:
            self.stdout.write(
                f"change {one.file}:{one.line}: INC-{one.incident} {one.field}: {one.before} → {one.after}"
            )
        for one in report.conflicts:
            told = f"the file: {one.before} → {one.after}; here: {one.here}; left as it is"
            self.stdout.write(f"conflict {one.file}:{one.line}: INC-{one.incident} {one.field}: {told}")
        if report.services:
            self.stdout.write(f"new services: {', '.join(report.services)}")
        new = "would be new" if report.dry_run or report.refused else "new"
        self.stdout.write(
            f"{new}: {len(report.added)} incidents; changed: {report.updated}; as before: {report.unchanged}"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=UNREADABLE) from error


def _person(email: str) -> Person:
    """Who is written down as saying so."""
    people = Person.objects.filter(is_active=True).order_by("pk")
    found = people.filter(email__iexact=email) if email else people.filter(role=Role.ADMIN)
    person = found.first()
    if person is None:
        told = f"Nobody here has the address {email}." if email else "There is no admin yet; say --by EMAIL."
        raise CommandError(told, returncode=UNREADABLE)
    return person
