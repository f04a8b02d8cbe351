"""A template's sections become those of a postmortem: at its start, and when a draft changes to another template."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from incidents.postmortems import freezing
from incidents.postmortems.models import Postmortem, PostmortemTemplate, Section, SectionRevision
from incidents.postmortems.queries import prefill
from incidents.postmortems.vocabulary import BlockKind, SectionKind
from incidents.response import timeline
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import DomainError

_GIVEN = ("key", "heading", "prompt", "required")
FOLLOWED = ("heading", "prompt", "required", "position", "kept_from")


class NotOffered(DomainError):
    """This template is not offered; choose one of the list."""

    status = 422
    code = "template_not_offered"

    def __init__(self) -> None:
        super().__init__(field="template")


def lay_out(postmortem: Postmortem, *, by: Person, now: datetime, over: int = 0) -> None:
    """Add the template's sections that are not there yet; what the incident brings is kept as revision 0.

    `over` is the number of sections that stand there already, whose keys are left alone.
    """
    entries = _narratives(postmortem.template)
    there = set(Section.objects.filter(postmortem=postmortem).values_list("key", flat=True)) if over else set()
    new = [(position, entry) for position, entry in entries if entry["key"] not in there]
    wanted, drawn = {entry["prefill"] for _, entry in new}, {entry["kind"] for entry in postmortem.template.sections}
    first_words = prefill.texts(postmortem.incident, now=now, wanted=wanted, drawn=drawn)
    sections = [
        Section(
            postmortem=postmortem,
            key=entry["key"],
            heading=entry["heading"],
            prompt=entry["prompt"],
            required=entry["required"],
            position=position,
            text=first_words.get(entry["prefill"], ""),
        )
        for position, entry in new
    ]
    Section.objects.bulk_create(sections)
    SectionRevision.objects.bulk_create(
        SectionRevision(section=section, revision=0, text=section.text, at=now, by=by)
        for section in sections
        if section.text
    )


def lay_out_bare(postmortems: Collection[Postmortem]) -> None:
    """Add the sections of the templates to postmortems that have none, without any words; one statement."""
    Section.objects.bulk_create(
        Section(postmortem=one, position=position, **{name: entry[name] for name in _GIVEN})
        for one in postmortems
        for position, entry in _narratives(one.template)
    )


def change(postmortem: Postmortem, template: PostmortemTemplate, *, by: Person, now: datetime) -> Postmortem:
    """Let a draft follow another template. No text is touched: what the new one does not ask for comes last.

    The same template again changes nothing.
    """
    with freezing.draft(postmortem) as current:
        if current.template_id == template.pk:
            return current
        before, current.template = current.template, template
        current.save(update_fields=["template"])
        entries = {entry["key"]: (position, entry) for position, entry in _narratives(template)}
        held = list(Section.objects.select_for_update().filter(postmortem=current, kind=SectionKind.NARRATIVE))
        for section in held:
            _follow(section, entries.get(section.key), len(template.sections), before)
        Section.objects.bulk_update(held, FOLLOWED)
        lay_out(current, by=by, now=now, over=len(held))
        text = f"now follows “{template}”"
        timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text)
    return current


def _follow(
    section: Section, asked: tuple[int, dict[str, Any]] | None, behind: int, before: PostmortemTemplate
) -> None:
    if asked is None:
        section.required = False
        section.kept_from = section.kept_from or before
        section.position = max(section.position, behind)
        return
    section.position, entry = asked
    section.heading, section.prompt, section.required = entry["heading"], entry["prompt"], entry["required"]
    section.kept_from = None


def _narratives(template: PostmortemTemplate) -> list[tuple[int, dict[str, Any]]]:
    """Each text that the template asks for, with its place."""
    return [(at, entry) for at, entry in enumerate(template.sections) if entry["kind"] == BlockKind.NARRATIVE]
