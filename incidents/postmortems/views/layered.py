"""What the blocks of layers draw: answers by layer, the six lines, and what is known of each layer already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from incidents.postmortems.models import Section
from incidents.postmortems.queries.layers import Group
from incidents.postmortems.queries.review import Review
from incidents.postmortems.views import ruling
from incidents.postmortems.vocabulary import SectionKind

Draw = Callable[[Section], Any]  # gives the Sheet of a section


def of(review: Review, draw: Draw, *, instead: Section | None, may_edit: bool) -> dict[str, Any]:
    """What the templates of these blocks look at; `instead` is the section whose text could not be saved."""
    layers = review.layers
    known = ruling.known(review) if may_edit else {}
    return {
        "groups": [(group, [draw(one) for one in group.answers]) for group in _groups(layers.groups, instead)],
        "lines": [
            (line, draw(line.section) if line.section else None, known.get(line.layer, ())) for line in layers.lines
        ],
        "not_model": draw(layers.not_model) if layers.not_model else None,
    }


def _groups(groups: Sequence[Group], instead: Section | None) -> list[Group]:
    """The questions of each layer; one whose text could not be saved is there even after its layer was untagged."""
    shown = {one.pk for group in groups for one in group.answers}
    if instead is None or instead.kind != SectionKind.ANSWER or instead.pk in shown:
        return list(groups)
    return [*groups, Group(instead.layer, [instead])]
