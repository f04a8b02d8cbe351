"""`manage.py up`: everything, until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.supervisor.running import Supervisor, Wish


class Command(BaseCommand):
    """Start PostgreSQL, web, worker and scheduler; stop them all on Ctrl-C."""

    help = "Starts Seamline: database, web, worker and scheduler, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Host, port and whether to fill in the worked example."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--demo", action="store_true", help="fill in a worked example")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        Supervisor(Wish(host=options["host"], port=options["port"], demo=options["demo"])).run()
