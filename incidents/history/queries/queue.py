"""Incidents that are over and of which nobody has said yet what failed: one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.alerts.models import Alert
from incidents.history.models import HistoryRow
from incidents.response.models import Finding, Incident
from incidents.response.queries import doubts, visible
from incidents.response.vocabulary import Anchor
from ownership.models import Person, Service

IMPORTED, ALL = "imported", "all"
OLDEST, NEWEST = "oldest", "newest"
ALERTS = 5  # names of alerts that are shown
_MOST = 1_000_000


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `after` is the incident after which to go on, `at` the one to show first.

    `done` counts the tags of this sitting, `last` is the finding that can be undone.
    """

    which: str = ALL
    order: str = NEWEST
    service: str = ""
    after: int = 0
    at: int = 0
    done: int = 0
    last: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """Read from the address; what cannot be read counts as not said."""
        numbers = {name: _number(query.get(name, "")) for name in ("after", "at", "done", "last")}
        return cls(
            which=IMPORTED if query.get("which") == IMPORTED else ALL,
            order=OLDEST if query.get("order") == OLDEST else NEWEST,
            service=query.get("service", "")[:130],
            **numbers,
        )

    def address(self, **changes: int | str) -> str:
        """The query of the same queue with some changes."""
        said = asdict(self) | changes
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Shown:
    """The incident on the screen: what is known of it. `row` says where it was imported from."""

    incident: Incident
    row: HistoryRow | None
    doubts: Mapping[Anchor, str]
    alerts: Sequence[str]

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None when that is not known."""
        began, ended = self.incident.detected_at, self.incident.resolved_at
        doubted = self.doubts.keys() & {Anchor.DETECTED, Anchor.RESOLVED}
        return ended - began if ended is not None and ended > began and not doubted else None


@dataclass(frozen=True)
class Queue:
    """How many are left in all, how many of them were passed over, and the one to look at."""

    left: int
    skipped: int
    shown: Shown | None


def waiting(viewer: Person, asked: Asked) -> QuerySet[Incident]:
    """What waits, in order. Tests and reports that turned out to be no problem are no incidents."""
    alerts = Alert.objects.filter(incident=OuterRef("pk"))
    rows = visible.standing(viewer).filter(
        ~Exists(Finding.objects.filter(incident=OuterRef("pk"), superseded_at=None)),
        ~Exists(alerts.filter(is_test=True)),
        ~(Exists(alerts.filter(dismissed_at__isnull=False)) & ~Exists(alerts.filter(dismissed_at=None))),
        resolved_at__isnull=False,
    )
    if asked.which == IMPORTED:
        rows = rows.filter(Exists(HistoryRow.objects.filter(incident=OuterRef("pk"))))
    if asked.service:
        rows = rows.filter(service__slug=asked.service)
    names = ("detected_at", "pk") if asked.order == OLDEST else ("-detected_at", "-pk")
    return rows.order_by(*names)


def look(viewer: Person, asked: Asked) -> Queue:
    """The queue and what is on top of it; eight queries at most."""
    rows = waiting(viewer, asked)
    left = rows.count()
    passed = visible.to(viewer).filter(pk=asked.after).first() if asked.after else None
    following = rows.exclude(_up_to(passed, asked.order)) if passed else rows
    skipped = left - following.count() if passed else 0
    wanted = rows.filter(pk=asked.at).first() if asked.at else None
    first = wanted or following.select_related("service", "component").first()
    return Queue(left, skipped, _shown(first) if first else None)


def last_of(viewer: Person, number: int) -> Finding | None:
    """The finding that this person may take back as their last one: their own, provisional, and still standing."""
    mine = Finding.objects.filter(visible.clause(viewer, of="incident"), pk=number, by=viewer, superseded_at=None)
    return mine.filter(state="provisional").select_related("incident").first() if number else None


def services(viewer: Person, asked: Asked) -> list[tuple[str, str]]:
    """Slug and name of the services of which something waits; one query."""
    waits = waiting(viewer, replace(asked, service="")).order_by()
    rows = Service.objects.filter(Q(pk__in=waits.values("service")) | Q(slug=asked.service)).order_by("name", "pk")
    return list(rows.values_list("slug", "name"))


def _shown(incident: Incident) -> Shown:
    names = Alert.objects.filter(incident=incident).order_by("pk").values_list("title", flat=True)
    return Shown(
        incident,
        HistoryRow.objects.filter(incident=incident).first(),
        doubts.of(incident),
        list(names[:ALERTS]),
    )


def _up_to(passed: Incident, order: str) -> Q:
    """Everything before this one in the order, and itself."""
    beyond = "lt" if order == OLDEST else "gt"
    same = Q(detected_at=passed.detected_at, **{f"pk__{beyond}e": passed.pk})
    return Q(**{f"detected_at__{beyond}": passed.detected_at}) | same


def _number(text: str) -> int:
    return min(int(text), _MOST * _MOST) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
