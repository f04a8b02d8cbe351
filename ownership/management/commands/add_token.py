"""`manage.py add_token EMAIL [--scope read|write|ingest]`: an API token, printed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ownership import tokens
from ownership.models import Person
from ownership.vocabulary import TokenScope


class Command(BaseCommand):
    """Makes a token for somebody who is here."""

    help = "Make an API token for a person and print it, once. It can do at most what that person can."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what it may, what for."""
        parser.add_argument("email", metavar="EMAIL", help="whose token it is")
        parser.add_argument(
            "--scope",
            choices=TokenScope.values,
            default=TokenScope.READ,
            help="read (the default), write, or ingest: only declare incidents, read nothing",
        )
        parser.add_argument("--label", default="made on the command line", help="what it is for, at most 80 characters")

    def handle(self, *args: Any, **options: Any) -> None:
        """The token alone on standard output, so that a script can catch it."""
        person = Person.objects.filter(email__iexact=options["email"].strip()).first()
        if person is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']}; invite them first.")
        if not person.is_active:
            raise CommandError(f"The access of {person} was ended; let them back in first.")
        if len(options["label"]) > 80:
            raise CommandError("Give a --label of at most 80 characters.")
        _, secret = tokens.make(person, label=options["label"], scope=options["scope"], now=timezone.now())
        self.stdout.write(secret)
