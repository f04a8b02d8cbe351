"""What the blocks that are filled from the incident say in an export."""

from __future__ import annotations

from incidents.alerts.change_models import Change
from incidents.alerts.queries.upstream import Near
from incidents.postmortems.exporting.source import Data, Source, moment
from incidents.postmortems.queries import facts
from incidents.postmortems.queries.review import Block
from incidents.response.queries.story import Told
from ownership.queries.owners import Answering


def impact(one: Block, source: Source) -> Data:
    """How far it went, and what of that nobody knows."""
    postmortem = source.review.postmortem
    extent = facts.extent(postmortem)
    return {
        "known": [{"value": glance.value, "of": glance.label} for glance in extent.glances],
        "versions": [{"name": name, "version": version} for name, version in extent.versions],
        "also_affected": [affected.service.name for affected in extent.affected],
        "also_affected_as_of": moment(source.now) if postmortem.published_at else None,
        "not_known": list(extent.unknown),
    }


def times(one: Block, source: Source) -> Data:
    """When what was, and how long it took."""
    told = facts.times(source.review.postmortem)
    unknown = source.review.start_unknown
    return {
        "times": [{"what": mark.anchor.label, "at": moment(mark.at)} for mark in told.clock.marks],
        "spans": [{"what": span.label, "lasted": span.words} for span in told.clock.spans],
        "start_unknown": unknown.why if unknown else None,
    }


def timeline(one: Block, source: Source) -> Data:
    """The rows of the timeline from its beginning."""
    report = facts.timeline(source.review.postmortem, source.viewer, now=source.now)
    return {
        "rows": [_row(told) for told in report.rows],
        "without_alerts": report.without_alerts,
        "goes_on": report.more,
    }


def _row(told: Told) -> Data:
    row = told.row
    return {
        "at": moment(row.at),
        "about": told.rough,
        "kind": row.kind,
        "kind_name": row.get_kind_display(),
        "by": row.author.name if row.author else None,
        "text": row.text,
        "why": row.why,
    }


def people(one: Block, source: Source) -> Data:
    """Who answered, who took part, who had the ball."""
    crew = facts.crew(source.review.postmortem, now=source.now)
    return {
        "accountable_then": _party(crew.then),
        "accountable_later": _party(crew.later),
        "took_part": [
            {
                "name": person.name,
                "role": part.get_role_display(),
                "since": moment(part.since),
                "until": moment(part.ended_at),
            }
            for person, parts in crew.parts
            for part in parts
        ],
        "had_the_ball": [
            {
                "name": str(stint.pass_.to),
                "since": moment(stint.since),
                "until": moment(stint.until),
                "seconds": int(stint.lasted.total_seconds()),
                "reason": stint.pass_.reason,
            }
            for stint in crew.stints
        ],
        "to_and_fro": list(crew.rounds),
    }


def _party(answering: Answering) -> str | None:
    return str(answering.accountable.party) if answering.accountable else None


def changes(one: Block, source: Source) -> Data:
    """What is suspected, and what else changed near it."""
    before = facts.before(source.review.postmortem)
    near = [_near(row) for row in before.near]
    return {
        "suspected": [_change(change) | {"why": None} for change in before.suspected],
        "near": near,
        "more": before.more,
    }


def _change(change: Change) -> Data:
    place = change.component or change.service
    return {
        "at": moment(change.at),
        "kind": change.kind,
        "title": change.title,
        "where": str(place) if place else None,
    }


def _near(row: Near) -> Data:
    if row.change is not None:
        return _change(row.change) | {"why": row.why}
    title = f"{row.turn.title}, {row.turn.values}" if row.turn else ""
    where = str(row.turn.subject) if row.turn else None
    return {"at": moment(row.at), "kind": "owner", "title": title, "where": where, "why": row.why}
