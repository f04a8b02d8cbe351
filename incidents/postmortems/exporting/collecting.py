"""What each kind of block says in an export, as plain data. Every kind has its collector."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from incidents.postmortems import jsonl
from incidents.postmortems.exporting import facts
from incidents.postmortems.exporting.source import Data, Source, moment, person
from incidents.postmortems.models import Action
from incidents.postmortems.queries import examples
from incidents.postmortems.queries.review import Block, Review
from incidents.postmortems.vocabulary import BlockKind
from incidents.response.models import Finding
from incidents.response.queries import exhibits
from web.references import Shown


def block(one: Block, source: Source) -> Data:
    """A block: its kind and heading, and what its kind says. A text that was kept from another template is one too."""
    kind = BlockKind(one.kind) if one.kind in BlockKind.values else BlockKind.NARRATIVE
    return {"kind": kind.value, "heading": one.heading or kind.label} | COLLECTORS[kind](one, source)


def _narrative(one: Block, source: Source) -> Data:
    section = one.section
    if section is None:
        return {"key": "", "text": ""}
    amended = section.amended
    return {
        "key": section.key,
        "text": section.text,
        "amended": {"at": moment(amended.at), "by": person(amended.by), "reason": amended.reason} if amended else None,
    }


def _findings(one: Block, source: Source) -> Data:
    incident = source.review.incident
    shown = exhibits.of(source.review.findings, source.viewer, number=incident.pk)
    return {
        "first_blame": incident.first_blame or None,
        "findings": [finding(one.finding, one.links) for one in shown],
    }


def finding(one: Finding, links: Sequence[Shown] = ()) -> Data:
    """A finding as it is shown, with `links` as whoever exports may see them; `line` is its identity over all versions.

    An address of ours is a whole one; `lost` says why a link no longer leads to what it showed.
    """
    place = one.component or one.dependency
    return {
        "line": str(one.line),
        "layer": one.layer,
        "mode": one.mode_id,
        "mode_name": one.mode.name if one.mode else None,
        "where": str(place) if place else None,
        "role": one.role,
        "primary": one.primary,
        "state": one.state,
        "confidence": one.confidence,
        "evidence": one.evidence,
        "links": [
            {
                "kind": link.kind,
                "label": link.label,
                "url": link.url if link.outside or not link.url else f"{settings.BASE_URL}{link.url}",
                "lost": link.lost,
            }
            for link in links
        ],
    }


def _questions(one: Block, source: Source) -> Data:
    groups = source.review.layers.groups
    answers = [section for group in groups for section in group.answers]
    return {"questions": [{"layer": a.layer, "question": a.heading, "answer": a.text} for a in answers]}


def _ruled_out(one: Block, source: Source) -> Data:
    layers = source.review.layers
    if layers.asks_six:
        said = [
            {"layer": row.layer, "state": row.state, "why": row.section.text if row.ruled_out and row.section else ""}
            for row in layers.spoken_for
        ]
    else:
        only = layers.not_model if layers.says_what_was_ruled_out else None
        said = [{"layer": only.layer, "state": "ruled_out", "why": only.text}] if only else []
    return {"layers": said}


def _actions(one: Block, source: Source) -> Data:
    review = source.review
    return {
        "actions": [_action(action, review) for action in review.actions],
        "without_action": [
            {"finding": str(found.line), "mode_name": found.mode.name if found.mode else None, "reason": given.reason}
            for found, given in review.left_alone
        ],
    }


def _action(action: Action, review: Review) -> Data:
    answered = review.finding_of(action)
    return {
        "id": action.pk,
        "title": action.title,
        "kind": action.kind,
        "priority": action.priority,
        "owner": str(action.party) if action.party else None,
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "done_when": action.done_when,
        "state": action.state,
        "finding": str(action.finding_line) if action.finding_line else None,
        "answers": answered.mode.name if answered and answered.mode else None,
    }


def _latency(one: Block, source: Source) -> Data:
    return {
        "stages": [
            {
                "stage": str(row),
                "budget_ms": row.budget_ms,
                "p50_ms": row.p50_ms,
                "p95_ms": row.p95_ms,
                "p99_ms": row.p99_ms,
                "measured_from": moment(row.measured_from),
                "measured_until": moment(row.measured_until),
                "shown_by": row.shown_by,
            }
            for row in source.review.layers.stages
        ]
    }


def _examples(one: Block, source: Source) -> Data:
    number = source.review.incident.pk
    found = examples.of_incidents(source.viewer, [number])[number]
    return {"examples": [jsonl.shape(example) for example in found.rows], "more": found.more}


Collector = Callable[[Block, Source], Data]
COLLECTORS: Mapping[str, Collector] = {
    BlockKind.NARRATIVE: _narrative,
    BlockKind.IMPACT: facts.impact,
    BlockKind.TIMES: facts.times,
    BlockKind.TIMELINE: facts.timeline,
    BlockKind.PEOPLE: facts.people,
    BlockKind.CHANGES: facts.changes,
    BlockKind.LATENCY: _latency,
    BlockKind.FINDINGS: _findings,
    BlockKind.QUESTIONS: _questions,
    BlockKind.RULED_OUT: _ruled_out,
    BlockKind.EXAMPLES: _examples,
    BlockKind.ACTIONS: _actions,
}
