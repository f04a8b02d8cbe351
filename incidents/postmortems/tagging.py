"""Tagging layers: a tagged layer asks its questions; untagging hides them and keeps what was written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from incidents.postmortems import asking, freezing
from incidents.postmortems.models import LayerTag, Postmortem
from incidents.response.models import Finding
from incidents.response.vocabulary import Layer
from ownership.models import Person
from web.errors import DomainError, Invalid


class LayerFound(DomainError):
    """A finding names this layer, so it stays tagged; withdraw the finding first, or give it another layer."""

    code = "layer_found"


def tag(postmortem: Postmortem, *, layer: str, by: Person, now: datetime) -> None:
    """Tag a layer and so bring its questions, with the answers it had; twice is once."""
    require_layer(layer)
    with freezing.draft(postmortem) as current:
        _tag(current, [layer], by=by, now=now)


def untag(postmortem: Postmortem, *, layer: str, by: Person, now: datetime) -> None:
    """Take a tag off: its questions go out of sight, what was written stays. LayerFound while a finding stands."""
    require_layer(layer)
    with freezing.draft(postmortem) as current:
        _require_not_found(current, [layer])
        _untag(current, [layer], by=by, now=now)


def set_layers(postmortem: Postmortem, *, layers: Collection[str], by: Person, now: datetime) -> None:
    """These layers and no others. Those of findings need no tag and cannot be left out."""
    for layer in layers:
        require_layer(layer)
    with freezing.draft(postmortem) as current:
        others = set(Layer.values) - set(layers)
        _require_not_found(current, others)
        found = found_layers(current)
        _untag(current, others, by=by, now=now)
        _tag(current, [layer for layer in layers if layer not in found], by=by, now=now)


def found_layers(postmortem: Postmortem) -> set[str]:
    """The layers of the findings that stand."""
    standing = Finding.objects.filter(incident=postmortem.incident_id, superseded_at=None)
    return set(standing.values_list("layer", flat=True))


def require_layer(layer: str) -> None:
    """Raise Invalid for what is no layer."""
    if layer not in Layer.values:
        raise Invalid(f"There is no layer “{layer}”.", field="layer")


def _require_not_found(postmortem: Postmortem, layers: Collection[str]) -> None:
    held = sorted(found_layers(postmortem) & set(layers))
    if held:
        names = ", ".join(Layer(layer).label for layer in held)
        raise LayerFound(f"{names}: {LayerFound().message}", field="layer")


def _tag(postmortem: Postmortem, layers: Collection[str], *, by: Person, now: datetime) -> None:
    there = set(LayerTag.objects.filter(postmortem=postmortem, untagged_at=None).values_list("layer", flat=True))
    fresh = [layer for layer in dict.fromkeys(layers) if layer not in there]
    LayerTag.objects.bulk_create(LayerTag(postmortem=postmortem, layer=layer, by=by, at=now) for layer in fresh)
    asking.lay_out([postmortem])


def _untag(postmortem: Postmortem, layers: Collection[str], *, by: Person, now: datetime) -> None:
    rows = LayerTag.objects.filter(postmortem=postmortem, layer__in=layers, untagged_at=None)
    rows.update(untagged_at=now, untagged_by=by)
