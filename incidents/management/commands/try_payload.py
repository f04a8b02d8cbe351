"""`try_payload KIND FILE`: what an adapter reads out of a request, for people who debug a sender."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.alerts.sources import mapping, registry


class Command(BaseCommand):
    """Prints the readings and rejections as JSON; stores nothing."""

    help = "Prints what a kind of source reads out of a request's body, as JSON. Nothing is stored."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """KIND, FILE and the headers."""
        parser.add_argument("kind", help=f"one of: {', '.join(sorted(registry.KINDS))}")
        parser.add_argument("file", type=Path, help="the body, as it was posted")
        parser.add_argument("--headers", type=Path, help="a JSON object of header names and values")
        parser.add_argument("--mapping", type=Path, help="a mapping to read it by, for kinds that take one (custom)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse it, print it."""
        kind = options["kind"]
        if kind not in registry.KINDS:
            raise CommandError(f"There is no kind “{kind}”; choose one of {', '.join(sorted(registry.KINDS))}.")
        try:
            body = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        headers, by = _headers(options["headers"]), _mapping(kind, options["mapping"])
        parsed = registry.parse(kind, body, headers, received_at=datetime.now(UTC), mapping=by)
        shown = {
            "readings": [reading.as_json() for reading in parsed.readings],
            "rejections": [rejection.as_json() for rejection in parsed.rejections],
        }
        if parsed.changes:
            shown["changes"] = [changed.as_json() for changed in parsed.changes]
        self.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False))


def _mapping(kind: str, path: Path | None) -> str:
    """The text of a mapping that can be used, empty where none was given."""
    if path is None:
        return ""
    if not registry.KINDS[kind].mapped:
        raise CommandError(f"The kind “{kind}” takes no mapping; leave --mapping out.")
    try:
        written = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    wrong = mapping.problem(written) if written.strip() else "The mapping is empty."
    if wrong:
        raise CommandError(f"{path}: {wrong}")
    return written


def _headers(path: Path | None) -> dict[str, str]:
    """Names in lower case, as adapters get them."""
    if path is None:
        return {}
    try:
        given = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} holds no JSON object of headers: {error}") from error
    if not isinstance(given, dict):
        raise CommandError(f"{path} holds no JSON object of headers.")
    return {str(name).lower(): str(value) for name, value in given.items()}
