"""`patterns check` and `patterns rebuild`: what the charts count, held against what was recorded."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.patterns import keeping

NAMED = 20


class Command(BaseCommand):
    """Seamline does the first by itself every night; both may run beside everything else."""

    help = "Compares the rows that charts count with what was recorded, or reckons them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and whether to mend."""
        parser.add_argument("act", choices=["check", "rebuild"], help="compare, or reckon all rows anew")
        parser.add_argument("--repair", action="store_true", help="check: also mend what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, say what was found; exit code 1 when something is wrong and stays so."""
        if options["act"] == "rebuild":
            self.stdout.write(f"Rows of {keeping.rebuild()} incidents reckoned anew.")
            return
        wrong = keeping.compare(mend=options["repair"])
        if not wrong:
            self.stdout.write("Every row is what was recorded.")
            return
        named = ", ".join(f"INC-{number}" for number in wrong[:NAMED])
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        if not options["repair"]:
            raise CommandError(f"Counted wrong: {named}{more}. Mend it with: patterns check --repair")
        self.stdout.write(f"Counted wrong and mended: {named}{more}.")
