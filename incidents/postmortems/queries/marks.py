"""Which state of a postmortem somebody has seen, and what has changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from incidents.postmortems.models import Action
from incidents.postmortems.queries.review import Review

TITLE, TAGS, STANCES, LATENCY = "title", "tags", "stances", "latency"
FINDINGS, ACTIONS, REASONS = "findings", "actions", "reasons"
DECIDED = ("pk", "title", "kind", "owner_id", "owner_team_id", "due_on", "done_when")


def of(review: Review) -> dict[str, Any]:
    """A mark for the title, each section (`section:<key>`: its revision) and all else that people decide; no query.

    What there is none of has no mark, except for what every postmortem has.
    """
    marks: dict[str, Any] = {f"section:{one.key}": one.revision for one in review.sections if one.revision}
    layers = review.layers
    rows: dict[str, list[Any]] = {
        TAGS: sorted(one.pk for one in layers.tags.values()),
        STANCES: sorted(one.pk for one in layers.stances.values()),
        LATENCY: [one.pk for one in layers.stages],
        REASONS: sorted([str(finding.line), given.reason] for finding, given in review.left_alone),
    }
    marks |= {mark: _digest(said) for mark, said in rows.items() if said}
    return marks | {
        TITLE: _digest([review.postmortem.title]),
        FINDINGS: _digest(sorted(one.pk for one in review.findings)),
        ACTIONS: _digest(_decided(one) for one in review.actions),
    }


def changed(seen: Mapping[str, Any], review: Review) -> list[str]:
    """What differs from what was seen, in words and in the order of the page: `Summary`, `findings`."""
    now = of(review)
    names = {f"section:{one.key}": one.heading for one in review.sections}
    names = {TITLE: "the title", **names, TAGS: "the tagged layers", STANCES: "what is not established"}
    names |= {LATENCY: "the latencies", FINDINGS: "the findings", ACTIONS: "the actions"}
    names |= {REASONS: "the reasons for no action"}
    return [name for mark, name in names.items() if seen.get(mark, 0) != now.get(mark, 0)]


def _decided(action: Action) -> list[str]:
    return [str(getattr(action, name)) for name in DECIDED]


def _digest(said: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(list(said)).encode()).hexdigest()[:16]
