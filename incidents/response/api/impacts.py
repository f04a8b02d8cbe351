"""How far an incident went, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import impacts
from incidents.response.api.visibly import Visibly
from incidents.response.forms.facts import MOST
from incidents.response.impacts import Facts
from incidents.response.models import ImpactFacts, Incident
from incidents.response.queries import impacts as reads
from incidents.response.queries.durations import Span
from incidents.response.vocabulary import Green
from ownership.api.fields import acting, checked

SHARE: dict[str, Any] = {
    "max_digits": 6, "decimal_places": 3, "min_value": 0, "max_value": 100, "required": False, "allow_null": True,
    "default": None, "coerce_to_string": False,
}  # fmt: skip
SHORT: dict[str, Any] = {"required": False, "allow_blank": True, "default": "", "max_length": 120}


class FactsSerializer(serializers.Serializer[Any]):
    """What is known of the impact; what is left out or null is not known. A share is percent of the traffic."""

    slice = serializers.CharField(**SHORT | {"max_length": 200})
    share_from = serializers.DecimalField(**SHARE)
    share_until = serializers.DecimalField(**SHARE)
    bad_count = serializers.IntegerField(min_value=0, max_value=MOST, allow_null=True, default=None)
    reproduced = serializers.IntegerField(min_value=0, max_value=10**9, allow_null=True, default=None)
    tries = serializers.IntegerField(min_value=1, max_value=10**9, allow_null=True, default=None)
    prompt_version = serializers.CharField(**SHORT)
    model_version = serializers.CharField(**SHORT)
    index_version = serializers.CharField(**SHORT)
    monitors_green = serializers.ChoiceField(choices=Green.choices, default=Green.UNKNOWN)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A share with an end has a beginning."""
        if said["share_until"] is not None and said["share_from"] is None:
            raise serializers.ValidationError({"share_from": "Give the least it can have been."})
        return said


class SayFactsSerializer(FactsSerializer):
    """The same, said anew; `written_on` is the `stamp` of what was read: 409 `impact_changed` when others stand."""

    written_on = serializers.CharField(required=False, max_length=20)


class ToldFactsSerializer(FactsSerializer):
    """One version of them, in words too; `green_while_wrong` follows from the times."""

    phrases = serializers.SerializerMethodField()
    green_while_wrong = serializers.SerializerMethodField()
    by = serializers.EmailField(source="by.email")
    known_from = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(allow_null=True)

    def get_phrases(self, facts: ImpactFacts) -> list[str]:
        """What somebody who glances takes in."""
        return reads.phrases(self.context["incident"], facts)

    def get_green_while_wrong(self, facts: ImpactFacts) -> dict[str, int | None] | None:
        """`{at_least, at_most}` in seconds; null when the monitors were not green, or a time is not known."""
        span = reads.green_while_wrong(self.context["incident"], facts)
        return None if span is None or not span.known else {"at_least": _seconds(span)[0], "at_most": _seconds(span)[1]}


class ImpactSaidSerializer(serializers.Serializer[Any]):
    """What holds now, null while nothing was said, and what was said before, newest first."""

    stamp = serializers.CharField()
    current = ToldFactsSerializer(allow_null=True)
    earlier = ToldFactsSerializer(many=True)


class ImpactActions(Visibly[Incident]):
    """The part of the view set of incidents that is about how far they went."""

    @extend_schema(methods=["GET"], responses=ImpactSaidSerializer)
    @extend_schema(methods=["POST"], request=SayFactsSerializer, responses=ImpactSaidSerializer)
    @action(detail=True, methods=["get", "post"], url_path="impact-facts")
    def impact_facts(self, request: Request, pk: str) -> Response:
        """How far it went; POST says all of it anew, and what was said before is kept."""
        incident = self.get_object()
        if request.method == "POST":
            said = dict(checked(SayFactsSerializer, request).validated_data)
            seen = said.pop("written_on", None)
            impacts.state(incident, facts=Facts(**said), written_on=seen, **acting(request))
        history = reads.history(incident)
        current = next((one for one in history if one.superseded_at is None), None)
        earlier = [one for one in history if one.superseded_at is not None]
        told = {"stamp": impacts.facts_stamp(current), "current": current, "earlier": earlier}
        shown = ImpactSaidSerializer(told, context={"incident": incident})
        return Response(shown.data)


def _seconds(span: Span) -> list[int | None]:
    return [None if part is None else int(part.total_seconds()) for part in (span.least, span.most)]
