"""Amending what is published: new revisions of its sections, with a reason; what was published stays to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from incidents.postmortems import drafting, freezing
from incidents.postmortems.models import Amendment, Postmortem, Reviewer, RulingOut, Section, SectionRevision
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.vocabulary import SectionKind
from incidents.response import timeline
from incidents.response.queries import visible
from incidents.response.vocabulary import TimelineKind
from ownership import notifying
from ownership.models import Person
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated


class NotPublished(DomainError):
    """This postmortem is not published; change its text itself."""

    code = "not_published"


class AmendedMeanwhile(DomainError):
    """Somebody amended this while you wrote. Both texts are shown; choose one or merge them."""

    code = "stale_revision"

    def __init__(self, theirs: Mapping[str, Section]) -> None:
        super().__init__()
        self.theirs = theirs


@dataclass(frozen=True)
class Draft:
    """A section's new text, and the revision it was written on."""

    text: str
    on_revision: int


def amend(postmortem: Postmortem, *, texts: Mapping[str, Draft], reason: str, by: Person, now: datetime) -> Amendment:
    """Change sections that it shows, by their keys, of a published postmortem; the same stays. All of it or nothing.

    Raises NotPublished, Invalid without a reason or a change or of what is not shown, AmendedMeanwhile.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it is amended.", field="reason")
    with translated():
        current = freezing.lock(postmortem)
        if current.published_at is None:
            raise NotPublished
        changes = _changes(current, texts)
        amendment = Amendment.objects.create(postmortem=current, reason=reason, by=by, at=now)
        for section, text in changes:
            section.text, section.revision = text, section.revision + 1
            section.saved_at, section.saved_by = now, by
            # The revision first: the database lets published text become only what a revision of an amendment says.
            SectionRevision.objects.create(
                section=section, revision=section.revision, text=text, at=now, by=by, amendment=amendment
            )
            section.save(update_fields=["text", "revision", "saved_at", "saved_by"])
        named = ", ".join(f"“{section.heading}”" for section, _ in changes)
        said = {"text": f"amended: {named}", "why": reason}
        timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, **said)
        _notify(current, by=by, now=now)
    return amendment


def _changes(current: Postmortem, texts: Mapping[str, Draft]) -> list[tuple[Section, str]]:
    rows = Section.objects.select_for_update(of=("self",)).select_related("saved_by")
    found = list(rows.filter(postmortem=current, key__in=texts).order_by("position", "pk"))
    unknown = set(texts) - {section.key for section in found}
    if unknown:
        raise Invalid(f"There is no section “{min(unknown)}”.", field="sections")
    cleaned = [(section, drafting.clean(texts[section.key].text), texts[section.key].on_revision) for section in found]
    changes = [(section, text, on) for section, text, on in cleaned if text != section.text]
    stale = {section.key: section for section, _, on in changes if on != section.revision}
    if stale:
        raise AmendedMeanwhile(stale)
    if not changes:
        raise Invalid("Nothing differs from what is published.", field="reason")
    shown = {section.key for section in reviews.of(current).texts}
    for section, _, _ in changes:
        if section.key not in shown:
            raise Invalid(f"“{section.heading}” {_why_unseen(current, section)}", field="sections")
    emptied = [section.heading for section, text, _ in changes if section.required and not text.strip()]
    if emptied:
        raise Invalid(f"“{emptied[0]}” is required; it cannot be emptied.", field="reason")
    return [(section, text) for section, text, _ in changes]


def _why_unseen(current: Postmortem, section: Section) -> str:
    stated = RulingOut.objects.filter(postmortem=current, layer=section.layer, superseded_at=None)
    if section.kind == SectionKind.RULED_OUT and stated.exists():
        return "was published as not established, and that stays; amend another section to say what is known now."
    return "is not shown in what was published; amend another section to say what is known now."


def _notify(current: Postmortem, *, by: Person, now: datetime) -> None:
    """The author and who reviewed it hear of it; of a private incident nobody who may not see it."""
    reviewers = Reviewer.objects.filter(postmortem=current, answered_at__isnull=False).select_related("person")
    people = [current.author, *(row.person for row in reviewers.order_by("pk"))]
    hidden = visible.hides(current.incident, people)
    path = reverse("postmortems:postmortem", args=[current.incident_id])
    text = f"{by} amended the postmortem of {current.incident.ref}: {current.title}"
    told = [one for one in people if one.pk not in hidden]
    notifying.tell(told, kind=NoticeKind.GIVEN, text=text, path=f"{path}#amendments", now=now, besides=by)
