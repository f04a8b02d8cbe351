"""It was the model: what is said of each of the six other layers."""

from __future__ import annotations

from datetime import datetime

from incidents.postmortems import asking, freezing, tagging
from incidents.postmortems.models import Postmortem, RulingOut
from incidents.postmortems.questions import SIX
from ownership.models import Person
from web.errors import DomainError, Invalid


class FoundAfterAll(DomainError):
    """A finding names this layer, so it is found and neither ruled out nor open."""

    code = "layer_found"


def say_not_established(postmortem: Postmortem, *, layer: str, by: Person, now: datetime) -> None:
    """State that nothing rules this layer out and nothing shows it; a line that was written stays, unseen.

    Twice is once. The later word holds: a line that is written afterwards supersedes this.
    """
    _require_of_six(layer)
    with freezing.draft(postmortem) as current:
        if layer in tagging.found_layers(current):
            raise FoundAfterAll
        if not RulingOut.objects.filter(postmortem=current, layer=layer, superseded_at=None).exists():
            RulingOut.objects.create(postmortem=current, layer=layer, by=by, at=now)
        asking.lay_out([current])


def take_back(postmortem: Postmortem, *, layer: str, now: datetime) -> None:
    """No longer "not established": the line counts again, or the layer is open."""
    _require_of_six(layer)
    with freezing.draft(postmortem) as current:
        supersede(current, layer, now=now)


def supersede(postmortem: Postmortem, layer: str, *, now: datetime) -> None:
    """End what was stated of a layer, inside an act that holds the draft."""
    rows = RulingOut.objects.filter(postmortem=postmortem, layer=layer, superseded_at=None)
    rows.update(superseded_at=now)


def _require_of_six(layer: str) -> None:
    if layer not in SIX:
        raise Invalid("Choose one of the six layers.", field="layer")
