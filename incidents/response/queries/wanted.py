"""What the board is narrowed to: as the address has it, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from incidents.response.queries import states
from incidents.response.vocabulary import BLAME_NOT_KNOWN, Layer, Severity
from incidents.response.vocabulary import State as Stage

OPEN, ALL, DAYS, UNKNOWN = "open", "all", "days", BLAME_NOT_KNOWN
OPEN_KEYS = ("-urgency", "-detected_at", "-pk")
RESOLVED_KEYS = ("-resolved_at", "-pk")
ALL_KEYS = ("-detected_at", "-pk")
UNRESOLVED = Q(resolved_at__isnull=True, merged_into__isnull=True)  # as the index of the board has it


@dataclass(frozen=True)
class State:
    """One choice of what state incidents are in: what holds of them, in which order they stand."""

    label: str
    holds: Q
    keys: tuple[str, ...] = OPEN_KEYS

    @property
    def is_open(self) -> bool:
        """True when only what is not resolved can be in it, which never grows with history."""
        return self.keys == OPEN_KEYS

    @property
    def is_past(self) -> bool:
        """True when all that is in it is over."""
        return self.keys == RESOLVED_KEYS


STATES: Mapping[str, State] = {
    OPEN: State("Open", UNRESOLVED),
    "unacknowledged": State("Not acknowledged", states.clause(Stage.OPEN)),
    "acknowledged": State("Acknowledged", states.clause(Stage.ACKNOWLEDGED)),
    "mitigated": State("Mitigated", states.clause(Stage.MITIGATED)),
    "resolved": State("Resolved", Q(resolved_at__isnull=False), RESOLVED_KEYS),
    "unclosed": State("Resolved, not closed", states.clause(Stage.RESOLVED), RESOLVED_KEYS),
    "closed": State("Closed", states.clause(Stage.CLOSED), RESOLVED_KEYS),
    ALL: State("Open and resolved", Q(), ALL_KEYS),
}
PERIODS: Mapping[str, tuple[str, int]] = {
    "1d": ("Last 24 hours", 1),
    "7d": ("Last 7 days", 7),
    "30d": ("Last 30 days", 30),
    "90d": ("Last 90 days", 90),
    "365d": ("Last 12 months", 365),
}
LAYERS: Mapping[str, str] = {**{one.value: one.label for one in Layer}, UNKNOWN: "Not known yet"}
NAMES = ("state", "mine", "nobody", "severity", "layer", "service", "team", "owner", "period", "from", "to")


@dataclass(frozen=True)
class Wanted:
    """What the board is narrowed to, as the address says it; empty for any.

    `severity` is one or several joined by commas, `owner` as `person:3` or `team:2`, `service` and `team` slugs;
    `since` and `until` are days of the viewer's zone and count with period `days`. `names` says in words what was
    looked up.
    """

    state: str = OPEN
    mine: bool = False
    nobody: bool = False
    severity: str = ""
    layer: str = ""
    service: str = ""
    team: str = ""
    owner: str = ""
    period: str = ""
    since: date | None = None
    until: date | None = None
    names: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def shown(self) -> State:
        """The state as it counts."""
        return STATES[self.state]

    def pairs(self) -> list[tuple[str, str]]:
        """The address's parameters in a fixed order, without what is as usual."""
        days = self.period == DAYS
        said = {
            "state": "" if self.state == OPEN else self.state,
            "mine": "1" if self.mine else "",
            "nobody": "1" if self.nobody else "",
            "severity": self.severity,
            "layer": self.layer,
            "service": self.service,
            "team": self.team,
            "owner": self.owner,
            "period": self.period,
            "from": self.since.isoformat() if days and self.since else "",
            "to": self.until.isoformat() if days and self.until else "",
        }
        return [(name, value) for name, value in said.items() if value]

    @property
    def query(self) -> str:
        """The parameters as an address has them; empty for all that is open."""
        return urlencode(self.pairs())

    @property
    def address(self) -> str:
        """The same, never empty: what is open says so, since an empty address is where one's default view opens."""
        return self.query or "state=open"

    def without(self, name: str) -> Wanted:
        """The same without one filter."""
        changes: dict[str, Any] = {name: getattr(USUAL, name)}
        if name == "period":
            changes |= {"since": None, "until": None}
        return replace(self, **changes)

    @property
    def whatever_state(self) -> Wanted:
        """The same of open and resolved ones."""
        return replace(self, state=ALL)

    @property
    def chips(self) -> list[Chip]:
        """What is narrowed, each with what it would be without it."""
        words = {
            "state": self.shown.label if self.state != OPEN else "",
            "mine": "mine" if self.mine else "",
            "nobody": "nobody answers" if self.nobody else "",
            "severity": " or ".join(Severity(one).label for one in self.severity.split(",") if one),
            "layer": LAYERS.get(self.layer, ""),
            "service": self.names.get("service", self.service),
            "team": self.names.get("team", self.team),
            "owner": self.names.get("owner", self.owner),
            "period": self._period_words(),
        }
        return [Chip(LABELS[name], said, self.without(name)) for name, said in words.items() if said]

    @property
    def words(self) -> str:
        """All of it in one line."""
        return "; ".join(f"{chip.label}: {chip.value}" if chip.label else chip.value for chip in self.chips)

    def _period_words(self) -> str:
        if self.period in PERIODS:
            return PERIODS[self.period][0].lower()
        if self.period != DAYS or not (self.since or self.until):
            return ""
        begin = f"from {self.since:%-d %b %Y}" if self.since else ""
        return " ".join(filter(None, (begin, f"to {self.until:%-d %b %Y}" if self.until else "")))


@dataclass(frozen=True)
class Chip:
    """One filter in words, and the board without it."""

    label: str
    value: str
    rest: Wanted


LABELS: Mapping[str, str] = {
    "state": "State",
    "mine": "",
    "nobody": "",
    "severity": "Severity",
    "layer": "Suspected",
    "service": "Service",
    "team": "Team",
    "owner": "Owner",
    "period": "Noticed",
}
USUAL = Wanted()
