"""What a search finds in the catalogue: names that begin so first, then whatever holds the words.

Ordered by name, so pages go on after a count: `after` says how many were shown.
"""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.urls import reverse

from ownership.models import Alias, Component, Person, Service
from web import registry
from web.search import excerpts, finding
from web.search.asking import Asked
from web.search.expressions import PARTS, WHOLE, Headline, Holds


def services(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Services by slug, name and outcome."""
    ids = _ids(Service.objects.all(), asked, Q(slug__startswith=asked.key))
    numbers = finding.counted(ids, limit=limit, after=after)
    rows = Service.objects.filter(pk__in=numbers.shown).annotate(
        told=Headline("name", asked.expression, WHOLE), shown=Headline("outcome", asked.expression, PARTS)
    )
    hits = [
        registry.Hit(
            url=reverse("ownership:service", args=[one.slug]),
            title=excerpts.pieces(one.told),
            excerpt=excerpts.pieces(one.shown),
            note=_retired("Service", one),
        )
        for one in finding.in_order(rows, numbers.shown)
    ]
    return registry.Found(hits, numbers.count, numbers.more, numbers.following)


def components(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Components by what other systems call them, by name and by description."""
    called = _aliases(asked)
    ids = _ids(Component.objects.all(), asked, Q(pk__in={alias.component_id for alias in called}))
    numbers = finding.counted(ids, limit=limit, after=after)
    rows = Component.objects.filter(pk__in=numbers.shown).annotate(
        told=Headline("name", asked.expression, WHOLE), shown=Headline("description", asked.expression, PARTS)
    )
    aliases = {alias.component_id: alias for alias in reversed(called)}
    hits = [
        registry.Hit(
            url=reverse("ownership:component", args=[one.pk]),
            title=excerpts.pieces(one.told),
            excerpt=excerpts.pieces(one.shown),
            note=_retired(_kind(one, aliases.get(one.pk)), one),
        )
        for one in finding.in_order(rows, numbers.shown)
    ]
    return registry.Found(hits, numbers.count, numbers.more, numbers.following)


def _ids(rows: QuerySet[Service] | QuerySet[Component], asked: Asked, begins: Q) -> list[int]:
    """Those of the living first whose name begins so, then in the order of the alphabet; one query."""
    rank = Case(
        When(retired_at__isnull=False, then=Value(2)),
        When(begins | Q(name__istartswith=asked.text), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = rows.filter(begins | Holds("pk", asked.expression)).annotate(rank=rank)
    return list(found.order_by("rank", Lower("name"), "pk").values_list("pk", flat=True)[: finding.COUNTED + 1])


def _aliases(asked: Asked) -> list[Alias]:
    """Aliases that begin so, as `retriever` or as `job=retriever`."""
    system, sign, key = asked.key.partition("=")
    rows = Alias.objects.annotate(low=Lower("key")).filter(low__startswith=key if sign else asked.key)
    if sign:
        rows = rows.filter(system__iexact=system.strip())
    return list(rows.order_by("low", "pk")[: finding.COUNTED + 1])


def _kind(component: Component, alias: Alias | None) -> str:
    kind = str(component.get_kind_display())
    return f"{kind}, known as {alias}" if alias else kind


def _retired(words: str, thing: Service | Component) -> str:
    return f"{words}, retired" if thing.retired_at else words
