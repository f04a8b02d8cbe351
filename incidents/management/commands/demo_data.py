"""`manage.py demo_data`: the small worked example that `make demo` shows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents import demo


class Command(BaseCommand):
    """Fill in the worked example once."""

    help = "Fills an empty installation with a small worked example."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, or say that there is data already."""
        filled = demo.fill(now=timezone.now())
        self.stdout.write("the worked example is in" if filled else "there are services already; nothing was added")
