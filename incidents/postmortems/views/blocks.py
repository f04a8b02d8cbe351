"""What stands at each place of the page: a template for every kind, `blocks/<kind>.html`, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from incidents.postmortems.queries import examples, facts, histories
from incidents.postmortems.queries.review import Review
from incidents.postmortems.views import found, waterfalls
from incidents.postmortems.vocabulary import BlockKind
from ownership.models import Person


@dataclass(frozen=True)
class Scene:
    """Who looks at which review; `may_edit` is false for readers, in a preview and once it is frozen."""

    review: Review
    viewer: Person
    may_edit: bool
    now: datetime


def _examples(scene: Scene) -> dict[str, Any]:
    """They belong to the incident, so they can be added also to what is published."""
    number = scene.review.incident.pk
    return {"examples": later(lambda: examples.of_incidents(scene.viewer, [number])[number])}


def later(read: Callable[[], Any]) -> Any:
    """What `read` gives, read once a template comes to it."""
    return SimpleLazyObject(read)


Reader = Callable[[Scene], dict[str, Any]]


def _findings(scene: Scene) -> dict[str, Any]:
    return found.of(scene.review, scene.viewer, may_edit=scene.may_edit, now=scene.now)


# A reader is asked once a page, and only where its kind stands on it; its names join the context of the whole page.
# What a part of the page does not draw, it does not read: the facts are read where a template comes to them.
READERS: Mapping[str, Reader] = {
    BlockKind.LATENCY: lambda scene: {"stage_bars": waterfalls.of(scene.review.layers.stages)},
    BlockKind.ACTIONS: lambda scene: {
        "told": later(lambda: histories.of(scene.review.actions, scene.viewer, today=timezone.localdate(scene.now)))
    },
    BlockKind.IMPACT: lambda scene: {"extent": later(lambda: facts.extent(scene.review.postmortem))},
    BlockKind.TIMES: lambda scene: {"times": later(lambda: facts.times(scene.review.postmortem))},
    BlockKind.TIMELINE: lambda scene: {
        "report": later(lambda: facts.timeline(scene.review.postmortem, scene.viewer, now=scene.now))
    },
    BlockKind.PEOPLE: lambda scene: {"crew": later(lambda: facts.crew(scene.review.postmortem, now=scene.now))},
    BlockKind.FINDINGS: _findings,
    BlockKind.CHANGES: lambda scene: {"before": later(lambda: facts.before(scene.review.postmortem))},
    BlockKind.EXAMPLES: _examples,
}


def context(scene: Scene) -> dict[str, Any]:
    """What the blocks of this page show."""
    on_page = {block.kind for block in scene.review.blocks}
    told: dict[str, Any] = {"on_page": on_page}
    for kind in on_page & set(READERS):
        told |= READERS[kind](scene)
    return told


def template(kind: str) -> str:
    """The template that draws a kind of block."""
    return f"postmortems/blocks/{kind}.html"
