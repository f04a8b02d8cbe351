"""What has changed since a postmortem was published: its amendments, and what was found later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery

from incidents.postmortems import comparing
from incidents.postmortems.models import Amendment, Postmortem, Section, SectionRevision
from incidents.postmortems.queries.review import Review
from incidents.response.models import Finding
from incidents.response.queries import dossier


@dataclass(frozen=True)
class Change:
    """One section that an amendment changed, its text before and after."""

    key: str
    heading: str
    before: str
    after: str

    @property
    def lines(self) -> list[comparing.Line | comparing.Fold]:
        """What leads from one to the other."""
        return comparing.folded(comparing.lines(self.before, self.after))


@dataclass(frozen=True)
class Amended:
    """An amendment with what it changed, in the order of the page."""

    amendment: Amendment
    changes: Sequence[Change]


@dataclass(frozen=True)
class Later:
    """A finding that is known otherwise by now: `added`, `changed` or `withdrawn`; `then` is what the page shows."""

    how: str
    finding: Finding
    then: Finding | None = None


def amendments(postmortem: Postmortem) -> list[Amended]:
    """Its amendments, the first one first; two queries, one without any, none while it is not published."""
    if postmortem.published_at is None:
        return []
    rows = list(Amendment.objects.filter(postmortem=postmortem).select_related("by").order_by("pk"))
    if not rows:
        return []
    last = SectionRevision.objects.filter(section=OuterRef("section"), revision=OuterRef("revision") - 1)
    revised = (
        SectionRevision.objects.filter(amendment__in=rows)
        .annotate(before=Subquery(last.values("text")[:1]), key=F("section__key"), heading=F("section__heading"))
        .order_by("section__position", "section_id")
    )
    changes: dict[int, list[Change]] = {}
    for amendment, key, heading, before, after in revised.values_list(
        "amendment_id", "key", "heading", "before", "text"
    ):
        changes.setdefault(amendment, []).append(Change(key, heading, before or "", after))
    return [Amended(one, changes.get(one.pk, [])) for one in rows]


def as_published(sections: Sequence[Section], amended: Sequence[Amended]) -> None:
    """Put back into sections, not yet shown to anybody, the texts they were published with; no query."""
    first: dict[str, str] = {}
    for one in amended:
        for change in one.changes:
            first.setdefault(change.key, change.before)
    for section in sections:
        section.text = first.get(section.key, section.text)


def mark(sections: Sequence[Section], amended: Sequence[Amended]) -> None:
    """Tell sections which amendment changed them last; no query."""
    last = {change.key: one.amendment for one in amended for change in one.changes}
    for section in sections:
        section.amended = last.get(section.key)


def findings(review: Review) -> list[Later]:
    """What is known otherwise by now than on a published page; one query, none while it is not published."""
    if review.postmortem.published_at is None:
        return []
    then = {one.line: one for one in review.findings}
    now = {one.line: one for one in dossier.current_findings(review.incident)}
    later = [
        Later("changed" if line in then else "added", one, then.get(line))
        for line, one in now.items()
        if line not in then or then[line].pk != one.pk
    ]
    return later + [Later("withdrawn", one, one) for line, one in then.items() if line not in now]
