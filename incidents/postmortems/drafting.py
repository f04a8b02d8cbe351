"""Starting a postmortem, writing its sections, and going without one."""

from __future__ import annotations

from datetime import datetime

from incidents.postmortems import asking, freezing, laying_out, ruling_out
from incidents.postmortems.models import Postmortem, PostmortemTemplate, Section, SectionRevision
from incidents.postmortems.queries import offers
from incidents.postmortems.vocabulary import SectionKind
from incidents.response import closing, timeline
from incidents.response.models import Incident
from incidents.response.vocabulary import Precision, TimelineKind
from ownership.models import Person
from web.errors import DomainError, Invalid, translated


class StaleRevision(DomainError):
    """Somebody saved this section while you wrote. Both texts are shown; choose one or merge them."""

    code = "stale_revision"

    def __init__(self, *, mine: str, theirs: Section) -> None:
        super().__init__()
        self.mine = mine
        self.theirs = theirs


class AlreadyStarted(DomainError):
    """This incident has a postmortem already; write in that one."""

    code = "already_started"


class NotResolved(DomainError):
    """Resolve the incident first; only then can it be said that it needs no postmortem."""

    code = "not_resolved"


def start(incident: Incident, *, by: Person, now: datetime, template: PostmortemTemplate | None = None) -> Postmortem:
    """Lay out a template, by default the one that the incident asks for, prefilled with what the incident knows.

    Two clicks give one postmortem, which keeps the template that the first one chose.
    """
    with translated():
        current = _locked(incident)
        begun = Postmortem.objects.filter(incident=current).first()
        if begun is not None:
            return begun
        template = template or offers.suggested([current], offers.every())[current.pk].template
        postmortem = Postmortem.objects.create(
            incident=current, template=template, title=current.title, author=by, started_at=now
        )
        laying_out.lay_out(postmortem, by=by, now=now)
        asking.lay_out([postmortem])
        if current.no_postmortem_reason:
            current.no_postmortem_reason = ""
            current.closed_at = current.closed_by = None  # there is work left on it again
            current.save(update_fields=["no_postmortem_reason", "closed_at", "closed_by", "changed_at"])
        timeline.add(current, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text="started")
    return postmortem


def save_section(
    section: Section, *, text: str, on_revision: int, restores: int | None = None, by: Person, now: datetime
) -> Section:
    """Keep a section's text, written on `on_revision`, as the next revision; `restores` says whose text it is again.

    The same text changes nothing, whatever it was written on; another text on an old revision raises StaleRevision.
    """
    text = clean(text)
    with freezing.draft(section.postmortem):
        current = Section.objects.select_for_update(of=("self",)).select_related("saved_by").get(pk=section.pk)
        if current.text == text:
            return current
        if current.revision != on_revision:
            raise StaleRevision(mine=text, theirs=current)
        current.text, current.revision = text, current.revision + 1
        current.saved_at, current.saved_by = now, by
        current.save(update_fields=["text", "revision", "saved_at", "saved_by"])
        SectionRevision.objects.create(
            section=current, revision=current.revision, text=text, restores=restores, at=now, by=by
        )
        if current.kind == SectionKind.RULED_OUT and text:
            ruling_out.supersede(section.postmortem, current.layer, now=now)
    return current


def clean(text: str) -> str:
    """A text as it is kept: browsers send CRLF, and what trails is nobody's intention."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def rename(postmortem: Postmortem, *, title: str, by: Person, now: datetime) -> Postmortem:
    """Give the postmortem a title of its own; the incident keeps its."""
    if not title.strip():
        raise Invalid("Give it a title.", field="title")
    with freezing.draft(postmortem) as current:
        old, current.title = current.title, title.strip()
        if old != current.title:
            current.save(update_fields=["title"])
            text = f"now called “{current.title}”"
            timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text)
    return current


def say_start_unknown(postmortem: Postmortem, *, reason: str, by: Person, now: datetime) -> None:
    """Say that the start of the impact cannot be established, and why; the timeline keeps it.

    An incident begins with precision "unknown", so the field alone cannot tell "nobody looked" from "nobody can know".
    """
    if not reason.strip():
        raise Invalid("Say why it cannot be established.", field="reason")
    with freezing.draft(postmortem) as current:
        if current.incident.impact_from is not None:
            raise Invalid("The incident has a start; correct that one instead.", field="reason")
        said = {"why": reason.strip(), "data": {"precision": Precision.UNKNOWN.value, "until": ""}}
        timeline.add(current.incident, TimelineKind.IMPACT, at=current.incident.detected_at, now=now, by=by, **said)


def waive(incident: Incident, *, reason: str, by: Person, now: datetime) -> Incident:
    """Record that a resolved incident gets no postmortem, and why; that closes it."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it needs none.", field="reason")
    with translated():
        current = _locked(incident)
        if current.resolved_at is None:
            raise NotResolved
        if Postmortem.objects.filter(incident=current).exists():
            raise AlreadyStarted
        if current.no_postmortem_reason != reason:
            current.no_postmortem_reason = reason
            current.save(update_fields=["no_postmortem_reason", "changed_at"])
            timeline.add(current, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text="none", why=reason)
        closing.end(current, by=by, now=now, why="it goes without a postmortem")
    return current


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("service", "acknowledged_by").get(pk=incident.pk)
