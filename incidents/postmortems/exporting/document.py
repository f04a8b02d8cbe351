"""The whole document: what it is, whose, in which state; its blocks; and what changed after it was published."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from incidents.postmortems.exporting import collecting
from incidents.postmortems.exporting.collecting import finding
from incidents.postmortems.exporting.source import Source, moment, person
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import marks, since
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Review
from incidents.postmortems.queries.since import Amended
from incidents.response.queries import clock
from incidents.response.vocabulary import Anchor
from ownership.models import Person

SCHEMA, VERSION = "seamline.postmortem", 1


def of(postmortem: Postmortem, *, viewer: Person, now: datetime, as_published: bool = False) -> dict[str, Any]:
    """A postmortem that this person may read, as JSON knows it; with `as_published` the texts first published."""
    review = reviews.of(postmortem)
    amended = since.amendments(postmortem)
    if as_published:
        since.as_published(review.sections, amended)
    else:
        since.mark(review.sections, amended)
    source = Source(review, viewer, now)
    return {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "exported_at": moment(now),
        "url": f"{settings.BASE_URL}{reverse('postmortems:postmortem', args=[postmortem.incident_id])}",
        "text": "as_published" if as_published else "current",
        **_head(review),
        "blocks": [collecting.block(one, source) for one in review.blocks],
        "amendments": [_amendment(one) for one in amended],
        "findings_since": [{"how": one.how} | finding(one.finding) for one in since.findings(review)],
    }


def _head(review: Review) -> dict[str, Any]:
    one = review.postmortem
    return {
        "title": one.title,
        "state": one.state,
        "draft": one.published_at is None,
        "private": one.incident.private,
        "template": {"code": one.template.code, "version": one.template.version, "name": one.template.name},
        "incident": _incident(review),
        "author": person(one.author),
        "facilitator": person(one.facilitator),
        "reviewers": [
            {
                "person": person(row.person),
                "answer": row.answer or None,
                "answered_at": moment(row.answered_at),
                "comment": row.comment,
                "changed_since": marks.changed(row.seen, review) if row.answer else [],
            }
            for row in review.reviewers
        ],
        "started_at": moment(one.started_at),
        "published_at": moment(one.published_at),
        "published_by": person(one.published_by),
        "closed_at": moment(one.closed_at),
    }


def _incident(review: Review) -> dict[str, Any]:
    one, at = review.incident, review.postmortem.published_at
    one = clock.known_at(one, at) if at else one  # what is published tells the times of that day
    return {
        "number": one.pk,
        "ref": one.ref,
        "title": one.title,
        "severity": one.severity,
        "type": one.type or None,
        "service": {"slug": one.service.slug, "name": one.service.name} if one.service else None,
        "impact": one.impact,
        "impact_from": moment(one.impact_from),
        "impact_until": moment(one.impact_until),
        "impact_precision": one.impact_precision,
        **{
            f"{anchor.value}_at": moment(getattr(one, f"{anchor.value}_at"))
            for anchor in Anchor
            if anchor != Anchor.IMPACT
        },
    }


def _amendment(one: Amended) -> dict[str, Any]:
    return {
        "at": moment(one.amendment.at),
        "by": person(one.amendment.by),
        "reason": one.amendment.reason,
        "changes": [
            {"key": change.key, "heading": change.heading, "before": change.before, "after": change.after}
            for change in one.changes
        ],
    }


def file_name(postmortem: Postmortem, ending: str) -> str:
    """What the file is called: `INC-481-answers-were-slow.md`, with DRAFT in it before it is published."""
    words = re.sub(r"[^a-z0-9]+", "-", postmortem.title.lower()).strip("-")[:60].strip("-")
    parts: Sequence[str] = [postmortem.incident.ref, "" if postmortem.published_at else "DRAFT", words]
    return "-".join(part for part in parts if part) + f".{ending}"
