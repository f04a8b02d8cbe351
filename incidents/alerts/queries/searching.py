"""What a search finds among the recorded changes."""

from __future__ import annotations

from django.urls import reverse

from incidents.alerts.change_models import STANDING, Change
from ownership.models import Person
from web import registry
from web.search import excerpts, finding
from web.search.asking import Asked
from web.search.expressions import PARTS, WHOLE, Headline


def changes(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Changes that stand, by title, description and what their sender called the thing."""
    standing = Change.objects.filter(STANDING)
    numbers = finding.newest(standing, asked, limit=limit, after=after, over="superseded_at IS NULL")
    rows = (
        Change.objects.filter(pk__in=numbers.shown)
        .select_related("component", "service")
        .annotate(
            headline=Headline("title", asked.expression, WHOLE), shown=Headline("description", asked.expression, PARTS)
        )
    )
    hits = [_hit(one) for one in finding.in_order(rows, numbers.shown)]
    return registry.Found(hits, numbers.count, numbers.more, numbers.following)


def _hit(change: Change) -> registry.Hit:
    place = change.component or change.service or change.named
    return registry.Hit(
        url=reverse("alerts:change", args=[change.line]),
        title=excerpts.of(change, "headline"),
        excerpt=excerpts.of(change, "shown"),
        note=" of ".join(str(part) for part in (change.get_kind_display(), place) if part),
        at=change.at,
    )
