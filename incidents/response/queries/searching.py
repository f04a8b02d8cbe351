"""What a search finds among incidents, what their timelines tell, and the evidence of findings.

Each kind takes two statements: which rows, cut at a hundred, and those of one page with their headlines.
"""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.urls import reverse

from incidents.response.models import Finding, Incident, TimelineRow
from incidents.response.queries import referring, told, visible
from ownership.models import Person
from web import registry
from web.search import excerpts, finding
from web.search.asking import Asked
from web.search.expressions import PARTS, WHOLE, Headline

_REF = re.compile(r"(?:inc[-\s]?|#)?(\d{1,18})", re.IGNORECASE | re.ASCII)


def named(viewer: Person, text: str) -> registry.Jump | None:
    """The incident that `INC-481`, `#481` or `481` names."""
    match = _REF.fullmatch(text)
    incident = visible.to(viewer).filter(pk=int(match[1])).first() if match else None
    return registry.Jump(_page(incident), str(incident)) if incident else None


def incidents(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Incidents by title and by what users see."""
    numbers = finding.newest(visible.standing(viewer), asked, limit=limit, after=after)
    rows = (
        Incident.objects.filter(pk__in=numbers.shown)
        .select_related("service")
        .annotate(
            headline=Headline("title", asked.expression, WHOLE), shown=Headline("impact", asked.expression, PARTS)
        )
    )
    return _found(numbers, [_incident(one) for one in finding.in_order(rows, numbers.shown)])


def _incident(incident: Incident) -> registry.Hit:
    return registry.Hit(
        url=_page(incident),
        ref=incident.ref,
        title=excerpts.of(incident, "headline"),
        excerpt=excerpts.of(incident, "shown"),
        note=incident.service.name if incident.service else "nobody answers for this yet",
        at=incident.detected_at,
        severity=incident.severity,
        state=incident.state,
    )


def timelines(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Timeline rows that people wrote, and the names of alerts."""
    rows = told.current(TimelineRow.objects.filter(visible.clause(viewer, of="incident")))
    numbers = finding.newest(referring.naming_seen(rows, viewer), asked, limit=limit, after=after)
    shown = (
        TimelineRow.objects.filter(pk__in=numbers.shown)
        .select_related("incident", "by")
        .annotate(shown=Headline("text", asked.expression, PARTS))
    )
    return _found(numbers, [_row(one) for one in finding.in_order(shown, numbers.shown)])


def _row(row: TimelineRow) -> registry.Hit:
    kind = str(row.get_kind_display())
    return registry.Hit(
        url=f"{_page(row.incident)}#row-{row.first_id}",
        ref=row.incident.ref,
        title=[excerpts.Piece(row.incident.title)],
        excerpt=excerpts.of(row, "shown"),
        note=f"{kind} by {row.by.name}" if row.by else kind,
        at=row.at,
    )


def evidence(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Findings that stand, by their evidence."""
    numbers = finding.newest(_standing(viewer), asked, limit=limit, after=after, over="superseded_at IS NULL")
    rows = (
        Finding.objects.filter(pk__in=numbers.shown)
        .select_related("incident", "mode")
        .annotate(shown=Headline("evidence", asked.expression, PARTS))
    )
    return _found(numbers, [_finding(one) for one in finding.in_order(rows, numbers.shown)])


def _standing(viewer: Person) -> QuerySet[Finding]:
    return Finding.objects.filter(visible.clause(viewer, of="incident"), superseded_at=None)


def _finding(found: Finding) -> registry.Hit:
    return registry.Hit(
        url=f"{_page(found.incident)}#findings",
        ref=found.incident.ref,
        title=[excerpts.Piece(found.mode.name if found.mode else found.get_layer_display())],
        excerpt=excerpts.of(found, "shown"),
        note=f"{found.get_state_display()} finding of {found.incident.title}",
        at=found.known_from,
    )


def _page(incident: Incident) -> str:
    return reverse("incidents:incident", args=[incident.pk])


def _found(numbers: finding.Numbers, hits: list[registry.Hit]) -> registry.Found:
    return registry.Found(hits, numbers.count, numbers.more, numbers.following)
