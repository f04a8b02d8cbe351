"""The reading list, and the incidents that still need a postmortem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Left, Length

from incidents.postmortems.models import IN_STATE, Postmortem, Reviewer, Section
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import BOARD_ORDER, Layer
from ownership.models import Person, Service
from web.pagination import slice_of

# Who reads asks for what was published, whether or not its actions are settled.
STATES = {
    "drafts": ("Drafts", IN_STATE["draft"]),
    "in_review": ("In review", IN_STATE["in_review"]),
    "published": ("Published", Q(published_at__isnull=False)),
    "closed": ("Closed", IN_STATE["closed"]),
}
WHOSE = {"mine": "Begun by me", "reviews": "Waiting for my review"}
NEEDING = 20
SERVICES = 300
KEYS = ("-started_at", "-pk")
A_MINUTE = 1200  # characters that somebody reads in it
GLIMPSE = 600  # characters of a summary that are looked at for its first sentence
SENTENCE = 240
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"(^|\n)\s*(?:[#>*+-]+|\d+[.)])\s+|[*_`]{1,3}")
_END = re.compile(r"(?<=[.!?…])\s")


@dataclass(frozen=True)
class Asked:
    """How the list is narrowed; empty for not at all."""

    whose: str = ""
    state: str = ""
    layer: str = ""
    service: str = ""

    @property
    def is_narrow(self) -> bool:
        """Something is left out."""
        return any((self.whose, self.state, self.layer, self.service))


@dataclass(frozen=True)
class Row:
    """One postmortem of the list: what it is about in a sentence, its layers, primary first, how long it takes."""

    postmortem: Postmortem
    layers: Sequence[str]
    primary: Finding | None
    sentence: str
    minutes: int


@dataclass(frozen=True)
class Shelf:
    """A page of the list and the cursor of the next."""

    rows: list[Row]
    following: str | None


def asked(said: dict[str, str]) -> Asked:
    """How an address narrows it; what is not known counts for nothing."""
    return Asked(
        whose=said.get("show", "") if said.get("show") in WHOSE else "",
        state=said.get("state", "") if said.get("state") in STATES else "",
        layer=said.get("layer", "") if said.get("layer") in Layer.values else "",
        service=said.get("service", "").replace("\x00", "")[:120],
    )


def page(viewer: Person, wanted: Asked, *, after: str | None = None) -> Shelf:
    """One page of postmortems, newest first; three queries."""
    part = slice_of(_narrowed(viewer, wanted).select_related("incident__service", "author"), keys=KEYS, after=after)
    found = _findings([one.incident_id for one in part.rows])
    texts = _texts([one.pk for one in part.rows])
    return Shelf([_row(one, found.get(one.incident_id, []), texts.get(one.pk)) for one in part.rows], part.following)


def _narrowed(viewer: Person, wanted: Asked) -> QuerySet[Postmortem]:
    rows = Postmortem.objects.filter(visible.clause(viewer, of="incident"))
    if wanted.state:
        rows = rows.filter(STATES[wanted.state][1])
    if wanted.whose == "mine":
        rows = rows.filter(author=viewer)
    elif wanted.whose == "reviews":
        rows = rows.filter(IN_STATE["in_review"], pk__in=_asked_of(viewer))
    if wanted.service:
        rows = rows.filter(incident__service__slug=wanted.service)
    if wanted.layer:
        same = Finding.objects.filter(incident=OuterRef("incident"), layer=wanted.layer, superseded_at=None)
        rows = rows.filter(Exists(same))
    return rows


def _asked_of(viewer: Person) -> QuerySet[Reviewer, int]:
    return Reviewer.objects.filter(person=viewer, waiting=True).values_list("postmortem", flat=True)


def _row(postmortem: Postmortem, found: Sequence[Finding], texts: tuple[str, int] | None) -> Row:
    summary, size = texts or ("", 0)
    primary = found[0] if found and found[0].primary else None
    layers = list(dict.fromkeys(one.layer for one in found))
    return Row(postmortem, layers, primary, first_sentence(summary), max(1, round(size / A_MINUTE)))


def _findings(incidents: Sequence[int]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    rows = Finding.objects.filter(incident__in=incidents, superseded_at=None).select_related("mode")
    for one in rows.order_by("-primary", "known_from", "pk"):
        found.setdefault(one.incident_id, []).append(one)
    return found


def _texts(postmortems: Sequence[int]) -> dict[int, tuple[str, int]]:
    """The beginning of each summary, and how many characters all its texts have."""
    begins = Case(When(key="summary", then=Left("text", GLIMPSE)), default=Value(""), output_field=TextField())
    rows = Section.objects.filter(postmortem__in=postmortems).values("postmortem")
    told = rows.annotate(summary=Max(begins), size=Sum(Length("text")))
    return {one: (summary, size) for one, summary, size in told.values_list("postmortem", "summary", "size")}


def first_sentence(text: str) -> str:
    """The first sentence of a Markdown text as plain words, cut at a word where it is long."""
    plain = _MARKS.sub(r"\1", _LINK.sub(r"\1", text.strip()))
    sentence = _END.split(" ".join(plain.split()), 1)[0]
    if len(sentence) <= SENTENCE:
        return sentence
    return sentence[:SENTENCE].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def services() -> list[Service]:
    """Services to choose from; one query."""
    return list(Service.objects.filter(retired_at=None).order_by("name", "pk")[:SERVICES])


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


def waiting(viewer: Person) -> QuerySet[Postmortem]:
    """What waits for this person: drafts they have begun, and what they are asked to review."""
    shown = Postmortem.objects.filter(visible.clause(viewer, of="incident"), published_at=None)
    return shown.filter(Q(author=viewer) | Q(sent_at__isnull=False, pk__in=_asked_of(viewer)))


def to_review(viewer: Person) -> int:
    """How many of them wait for a review; one query."""
    return _narrowed(viewer, Asked(whose="reviews")).count()
