"""Which shape an answer has, where `?format=` means something else."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class OneShape(DefaultContentNegotiation):
    """The one renderer of the view, whatever is asked: `?format=` names the format of a catalogue here."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The only one there is."""
        return renderers[0], renderers[0].media_type
