"""The list of postmortems, and the incidents that still need one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When

from incidents.postmortems.models import Postmortem
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import BOARD_ORDER
from ownership.models import Person
from web.pagination import slice_of

SHOWN = ("all", "drafts", "published", "mine")
NEEDING = 20
KEYS = ("-started_at", "-pk")


@dataclass(frozen=True)
class Row:
    """One postmortem of the list, with the layers of its incident's findings, primary first."""

    postmortem: Postmortem
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Shelf:
    """A page of the list and the cursor of the next."""

    rows: list[Row]
    following: str | None


def page(viewer: Person, *, show: str = "all", after: str | None = None) -> Shelf:
    """One page of postmortems, newest first; two queries."""
    shown = Postmortem.objects.filter(visible.clause(viewer, of="incident"))
    wanted = shown.select_related("incident__service", "author")
    if show == "drafts":
        wanted = wanted.filter(published_at=None)
    elif show == "published":
        wanted = wanted.filter(published_at__isnull=False)
    elif show == "mine":
        wanted = wanted.filter(author=viewer)
    part = slice_of(wanted, keys=KEYS, after=after)
    layers = _layers([postmortem.incident_id for postmortem in part.rows])
    return Shelf([Row(one, layers.get(one.incident_id, ())) for one in part.rows], part.following)


def _layers(incidents: list[int]) -> dict[int, tuple[str, ...]]:
    found = Finding.objects.filter(incident__in=incidents, superseded_at=None)
    rows = found.order_by("-primary", "known_from", "pk").values_list("incident_id", "layer")
    layers: dict[int, tuple[str, ...]] = {}
    for incident, layer in rows:
        if layer not in layers.get(incident, ()):
            layers[incident] = (*layers.get(incident, ()), layer)
    return layers


def needing(viewer: Person) -> list[Incident]:
    """The first NEEDING resolved incidents with neither a postmortem nor a reason for none, worst first.

    The latest of each severity, each by an index: most of a long history has no postmortem. Two queries.
    """
    rank = Case(
        *[When(severity=severity, then=Value(rank)) for rank, severity in enumerate(BOARD_ORDER)],
        output_field=IntegerField(),
    )
    wanted = visible.standing(viewer).filter(resolved_at__isnull=False, no_postmortem_reason="")
    wanted = wanted.filter(~Exists(Postmortem.objects.filter(incident=OuterRef("pk")))).order_by("-detected_at", "-pk")
    first, *others = [wanted.filter(severity=severity).values("pk")[:NEEDING] for severity in BOARD_ORDER]
    numbers = [row["pk"] for row in first.union(*others, all=True)]
    found = Incident.objects.filter(pk__in=numbers).select_related("service")
    return list(found.order_by(rank, "-resolved_at", "-pk")[:NEEDING])


def own_drafts(viewer: Person) -> int:
    """How many drafts this person has begun and not published."""
    shown = Postmortem.objects.filter(visible.clause(viewer, of="incident"))
    return shown.filter(author=viewer, published_at=None).count()
