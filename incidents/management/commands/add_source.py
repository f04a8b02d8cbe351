"""`add_source KIND NAME`: connect a source from the console."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incidents.alerts import addresses, sourcing
from incidents.alerts.sources import registry
from web.errors import DomainError


class Command(BaseCommand):
    """Prints the hook URL once."""

    help = "Adds a source of alerts and prints the URL of its hook, which holds its key and is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        """KIND, NAME and how much it may send."""
        parser.add_argument("kind", help=f"one of: {', '.join(sorted(registry.KINDS))}")
        parser.add_argument("name", help="what to call it, such as the cluster it watches")
        parser.add_argument(
            "--per-second",
            type=int,
            help="how many deliveries a second it may send; 0 is no limit, unset the usual one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add it, print the URL."""
        try:
            source, key = sourcing.add(
                kind=options["kind"],
                name=options["name"],
                rate_limit=options["per_second"],
                by=None,
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(addresses.hook_url(source, key))
