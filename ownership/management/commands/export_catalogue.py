"""`manage.py export_catalogue [--format backstage|csv] [PATH]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ownership import exporting


class Command(BaseCommand):
    """Writes the catalogue of this installation to a file."""

    help = "Export teams, services, components and who answers for them, as Backstage or as our importer reads them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and how."""
        parser.add_argument("path", metavar="PATH", nargs="?", type=Path, help="a file; standard output when left out")
        parser.add_argument("--format", choices=exporting.FORMATS, default="backstage", help="by default backstage")

    def handle(self, *args: Any, **options: Any) -> None:
        """The file, or its text on standard output."""
        found = exporting.export(options["format"], at=timezone.now())
        if options["path"] is None:
            for piece in found.pieces:
                self.stdout.write(piece, ending="")
            return
        try:
            with options["path"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(found.pieces)
        except OSError as error:
            raise CommandError(f"{options['path']} cannot be written: {error.strerror}.") from error
