"""Hints on the wording of a postmortem: its texts, the evidence of its findings, the titles of its actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Lower

from incidents.postmortems import wording
from incidents.postmortems.models import Action, Postmortem, QuietHint, Section
from incidents.postmortems.queries.review import Review
from incidents.postmortems.vocabulary import SectionKind, anchor_of, is_external
from incidents.postmortems.wording import Hint, Kind
from incidents.response.models import Finding
from incidents.response.vocabulary import Layer
from ownership.models import Person

LONGEST = 200  # characters of an excerpt that tell it from another
NAMES = 50  # candidates that are looked up


@dataclass(frozen=True)
class Place:
    """A text that is looked at. `anchor` is the id under which it stands on the page."""

    anchor: str
    heading: str
    text: str
    kind: Kind = Kind.SECTION


@dataclass(frozen=True)
class Placed:
    """What is to be looked at again at one place."""

    place: Place
    hints: Sequence[Hint]


@dataclass(frozen=True)
class Hints:
    """All hints of a postmortem by place, in the order of the page, and how many were waved away."""

    placed: Sequence[Placed] = ()
    quiet: int = 0
    by_anchor: Mapping[str, Placed] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(one.hints) for one in self.placed)


NO_HINTS = Hints()


def of(review: Review) -> Hints:
    """What is shown to those who write; one query, one more where somebody may be named."""
    places = [*_texts(review.texts), *_evidence(review.findings), *_titles(review.actions)]
    return _looked(review.postmortem, places, model_shown=model_shown(review.findings))


def model_shown(findings: Iterable[Finding]) -> bool:
    """Whether a finding shows by evidence, in words or by a link, that the model failed."""
    return any(one.layer == Layer.MODEL and one.is_shown for one in findings)


def same(excerpt: str) -> str:
    """Words as they are compared: spaces and case make no difference."""
    return " ".join(excerpt.split()).casefold()[:LONGEST]


def _looked(postmortem: Postmortem, places: Sequence[Place], *, model_shown: bool) -> Hints:
    rows = QuietHint.objects.filter(postmortem=postmortem).values_list("anchor", "rule", "excerpt")
    quiet = set(rows)
    people = _people({word for place in places for word in wording.candidates(place.text)})
    placed = []
    for place in places:
        found = wording.check(place.text, kind=place.kind, people=people, model_shown=model_shown)
        hints: dict[tuple[str, str, str], Hint] = {}
        for hint in found:
            key = (place.anchor, hint.code, same(hint.excerpt))
            if key not in quiet:
                hints.setdefault(key, hint)
        if hints:
            placed.append(Placed(place, list(hints.values())))
    return Hints(placed, len(quiet), {one.place.anchor: one for one in placed})


def _texts(sections: Iterable[Section]) -> Iterable[Place]:
    for one in sections:
        outside = one.kind == SectionKind.NARRATIVE and is_external(one.key)
        yield Place(anchor_of("", one.key), one.heading, one.text, Kind.EXTERNAL if outside else Kind.SECTION)


def _evidence(findings: Iterable[Finding]) -> Iterable[Place]:
    for one in findings:
        called = one.mode.name if one.mode else one.get_layer_display().lower()
        yield Place(f"finding-{one.line}", f"Finding: {called}", one.evidence, Kind.EVIDENCE)


def _titles(actions: Iterable[Action]) -> Iterable[Place]:
    for one in actions:
        yield Place(f"action-{one.pk}", "Actions", one.title, Kind.ACTION)


def _people(candidates: set[str]) -> list[str]:
    """The names of persons that these words are part of: their first or last name."""
    if not candidates:
        return []
    words = sorted(candidates)[:NAMES]
    named = Person.objects.annotate(first=_part(1), last=_part(-1)).filter(is_active=True)
    return list(named.filter(Q(first__in=words) | Q(last__in=words)).values_list("name", flat=True)[:NAMES])


def _part(number: int) -> Func:
    return Func(Lower(F("name")), Value(" "), Value(number), function="split_part", output_field=CharField())
