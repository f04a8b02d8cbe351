"""Layers, what was ruled out, and latency by stage of one postmortem: what clients send and get."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, measuring, ruling_out, tagging
from incidents.postmortems.models import Postmortem, StageLatency
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.layers import Layers
from incidents.postmortems.questions import SIX
from incidents.postmortems.vocabulary import Stance
from incidents.response.vocabulary import Layer
from ownership.api.fields import ComponentField, PersonByEmail, checked
from ownership.api.fields import acting as actor
from ownership.models import Dependency, Service
from ownership.vocabulary import LONGEST_MS

STATES = [("found", "found"), *Stance.choices, ("ruled_out", "ruled_out"), ("open", "open")]


class LayerSerializer(serializers.Serializer[Any]):
    """A layer that asks: tagged by people, or named by a finding that stands. `asked` are keys of sections."""

    layer = serializers.ChoiceField(choices=Layer.choices)
    tagged_by = PersonByEmail(allow_null=True)
    tagged_at = serializers.DateTimeField(allow_null=True)
    found = serializers.BooleanField()
    asked = serializers.ListField(child=serializers.CharField())
    answered = serializers.IntegerField()


class RuledOutSerializer(serializers.Serializer[Any]):
    """What is said of one of the six layers, if it was the model. The line is a section like the others."""

    layer = serializers.ChoiceField(choices=[(layer.value, layer.label) for layer in SIX])
    state = serializers.ChoiceField(choices=STATES)
    section = serializers.CharField(allow_null=True, help_text="The key of the section that holds the line.")
    by = PersonByEmail(allow_null=True, help_text="Who said that it is not established.")
    at = serializers.DateTimeField(allow_null=True)


class StageSerializer(serializers.ModelSerializer[StageLatency]):
    """One stage in ms: the whole service, a component, a seam, or a name of its own. What is not known is null."""

    service = serializers.SlugRelatedField(
        slug_field="slug", queryset=Service.objects.all(), required=False, allow_null=True
    )
    component = ComponentField(required=False, allow_null=True)
    dependency = serializers.PrimaryKeyRelatedField(
        queryset=Dependency.objects.select_related("upstream", "downstream"), required=False, allow_null=True
    )
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    budget_ms = serializers.IntegerField(min_value=1, max_value=LONGEST_MS, required=False, allow_null=True)
    p50_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS, required=False, allow_null=True)
    p95_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS, required=False, allow_null=True)
    p99_ms = serializers.IntegerField(min_value=0, max_value=LONGEST_MS, required=False, allow_null=True)
    measured_from = serializers.DateTimeField(required=False, allow_null=True)
    measured_until = serializers.DateTimeField(required=False, allow_null=True)
    shown_by = serializers.CharField(max_length=500, required=False, allow_blank=True)
    by = PersonByEmail(read_only=True)

    class Meta:
        model = StageLatency
        fields = (
            "line", "service", "component", "dependency", "name", "budget_ms", "p50_ms", "p95_ms", "p99_ms",
            "measured_from", "measured_until", "shown_by", "by", "known_from",
        )  # fmt: skip
        read_only_fields = ("line", "known_from")


class LayersSerializer(serializers.Serializer[Any]):
    """The layers that ask, all of them; those of findings that stand cannot be left out."""

    layers = serializers.ListField(child=serializers.ChoiceField(choices=Layer.choices), max_length=len(Layer))


class StanceSerializer(serializers.Serializer[Any]):
    """`not_established`, or null to take that back."""

    stance = serializers.ChoiceField(choices=Stance.choices, allow_null=True)


class StagesSerializer(serializers.Serializer[Any]):
    """All rows; a stage that is left out is taken out."""

    stages = StageSerializer(many=True)


def asking(layers: Layers) -> list[dict[str, Any]]:
    """The layers that ask, as LayerSerializer writes them."""
    return [
        {
            "layer": group.layer,
            "tagged_by": tag.by if (tag := layers.tags.get(group.layer)) else None,
            "tagged_at": tag.at if tag else None,
            "found": group.layer in layers.found,
            "asked": [one.key for one in group.answers],
            "answered": group.answered,
        }
        for group in layers.groups
    ]


def ruled_out(layers: Layers) -> list[dict[str, Any]]:
    """The six layers where the model is suspected, as RuledOutSerializer writes them; else nothing."""
    return [
        {
            "layer": line.layer,
            "state": line.state,
            "section": line.section.key if line.section else None,
            "by": line.stance.by if line.stance else None,
            "at": line.stance.at if line.stance else None,
        }
        for line in (layers.lines if layers.asks_six else ())
    ]


class LayerActs:
    """What clients do with the layers of a draft; a part of the view set of postmortems."""

    @extend_schema(
        request=LayersSerializer, responses=LayerSerializer(many=True), operation_id="postmortems_layers_update"
    )
    @action(detail=True, methods=["put"], url_path="layers")
    def layers(self, request: Request, number: str) -> Response:
        """Tag these layers and no others; what was answered for the others is kept. 409 where a finding stands."""
        draft = _draft(request, number)
        tagging.set_layers(draft, **checked(LayersSerializer, request).validated_data, **actor(request))
        return Response(LayerSerializer(asking(reviews.of(draft).layers), many=True).data)

    @extend_schema(
        request=StanceSerializer, responses=RuledOutSerializer(many=True), operation_id="postmortems_ruled_out_update"
    )
    @action(detail=True, methods=["put"], url_path=r"ruled-out/(?P<layer>[a-z]+)")
    def ruled_out(self, request: Request, number: str, layer: str) -> Response:
        """Say that a layer is not established, or take that back; the line itself is saved as a section."""
        draft = _draft(request, number)
        said = checked(StanceSerializer, request).validated_data
        if said["stance"] is None:
            ruling_out.take_back(draft, layer=layer, now=actor(request)["now"])
        else:
            ruling_out.say_not_established(draft, layer=layer, **actor(request))
        return Response(RuledOutSerializer(ruled_out(reviews.of(draft).layers), many=True).data)

    @extend_schema(
        request=StagesSerializer, responses=StageSerializer(many=True), operation_id="postmortems_latency_update"
    )
    @action(detail=True, methods=["put"], url_path="latency")
    def latency(self, request: Request, number: str) -> Response:
        """Record latency by stage: these rows and no others; what stood before is kept as history."""
        draft = _draft(request, number)
        rows = checked(StagesSerializer, request).validated_data["stages"]
        measuring.replace(draft, stages=[measuring.Stage(**row) for row in rows], **actor(request))
        return Response(StageSerializer(reviews.of(draft).layers.stages, many=True).data)


def _draft(request: Request, number: str) -> Postmortem:
    return access.editable_postmortem(actor(request)["by"], int(number))
