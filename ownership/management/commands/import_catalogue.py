"""`manage.py import_catalogue PATH… [--format …] [--dry-run] [--all-or-nothing] [--json]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ownership import importing
from ownership.importing.report import Report


class Command(BaseCommand):
    """Brings in catalogues that lie on this machine."""

    help = "Import Backstage catalogues, CODEOWNERS files and tables. Owners become claims; no assignment changes."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, how, and whether to keep it."""
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder to search")
        parser.add_argument(
            "--format", choices=importing.FORMATS, help="read only this; by default a file's name says it"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would come of it and keep nothing")
        parser.add_argument("--all-or-nothing", action="store_true", help="keep nothing when a file has an error")
        parser.add_argument("--json", action="store_true", help="print the whole report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """The report on standard output; exit status 1 when the import was refused."""
        try:
            report = importing.run(
                options["paths"],
                format=options["format"],
                dry_run=options["dry_run"],
                all_or_nothing=options["all_or_nothing"],
                by=None,
                now=timezone.now(),
            )
        except importing.CannotRead as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        else:
            self._tell(report)
        if report.refused:
            raise CommandError(f"Nothing was imported: {len(report.errors)} errors and --all-or-nothing.")

    def _tell(self, report: Report) -> None:
        found = ", ".join(f"{count} {kind}" for kind, count in report.catalogue.kinds.most_common())
        self.stdout.write(f"{report.catalogue.files} files: {found or 'nothing'}")
        self.stdout.write(f"{report.catalogue.unique} unique, {len(report.catalogue.duplicates)} described twice")
        for skipped in report.skipped:
            self.stdout.write(f"skipped {skipped.file}:{skipped.line}: {skipped.reason} {skipped.what}".rstrip())
        for unresolved in report.unresolved:
            said = unresolved.claim
            self.stdout.write(f"unresolved {said.file}:{said.line}: {said.owner} for {said.subject_name}")
        for problem in report.problems:
            where = f"{problem.file}:{problem.line}"
            self.stdout.write(f"{problem.severity} {where}: {problem.message} ({problem.code})")
        kept = "would be new" if report.dry_run else "new"
        made = ", ".join(f"{count} {sort}" for sort, count in sorted(report.created.items()))
        self.stdout.write(f"{kept}: {made or 'nothing'}")
        for change in report.changes:
            if change.what != "new":
                about = f"{change.owner} for {change.subject} ({change.detail})"
                self.stdout.write(f"claim {change.what} {change.file}:{change.line}: {about}")
