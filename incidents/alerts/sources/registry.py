"""The kinds of sources. A new kind is a file beside this one, a line here, a payload folder and a docs page."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from incidents.alerts.sources.reading import Parsed, State


class Adapter(Protocol):
    """What an adapter's module offers; all of it pure."""

    def parse(self, body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
        """All that one request held; never raises for what a sender may send."""

    def config_snippet(self, hook_url: str) -> str:
        """What to write into the sender's configuration."""

    def sample(self, *, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
        """A request as this sender would make it, for the test button."""


@dataclass(frozen=True)
class Kind:
    """One kind of sender. `headers` are those its adapter reads, besides Content-Type; lower case."""

    label: str
    module: str
    docs: str
    sends_json: bool = True
    headers: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "alertmanager": Kind("Alertmanager", "incidents.alerts.sources.alertmanager", "docs/sources/alertmanager.md"),
}


def adapter(kind: str) -> Adapter:
    """The adapter of a kind, imported on first use; KeyError for a kind that is not registered."""
    return cast("Adapter", importlib.import_module(KINDS[kind].module))


def choices() -> list[tuple[str, str]]:
    """Kinds as a form's choices, by label."""
    return sorted(((name, kind.label) for name, kind in KINDS.items()), key=lambda choice: choice[1])
