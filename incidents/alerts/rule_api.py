"""Alert rules and layer rules over /api/v1/; every write calls the act that the page calls."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import access, deciding, rehearsing, ruling
from incidents.alerts.matching import built_in, conditions
from incidents.alerts.matching.conditions import HOWS, LENGTH, WHATS, Condition
from incidents.alerts.queries import rules as queries
from incidents.alerts.rule_models import AlertRule, RuleBook
from incidents.alerts.rule_shapes import RehearsalSerializer
from incidents.alerts.ruling import Wanted
from incidents.response.models import FailureMode
from incidents.response.vocabulary import Layer
from ownership.api.fields import ComponentField, PersonByEmail, ServiceBySlug, acting, checked, viewer
from ownership.vocabulary import Role


class ConditionSerializer(serializers.Serializer[Any]):
    """One thing that must hold of an alert; one of the values must fit. `label` names the label looked at."""

    what = serializers.ChoiceField(choices=list(WHATS))
    how = serializers.ChoiceField(choices=list(HOWS))
    values = serializers.ListField(child=serializers.CharField(max_length=LENGTH), max_length=conditions.VALUES)

    def get_fields(self) -> dict[str, Any]:
        """With `label`, which as an attribute would be the serializer's own label."""
        label = serializers.CharField(max_length=LENGTH, required=False, allow_blank=True, default="")
        return {**super().get_fields(), "label": label}


class AlertRuleSerializer(serializers.ModelSerializer[AlertRule]):
    """One version of a rule about who an alert hits: a component by id, or a service."""

    conditions = ConditionSerializer(many=True, read_only=True)
    service = ServiceBySlug(read_only=True, allow_null=True)
    by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = AlertRule
        fields = (
            "number", "version", "note", "conditions", "component", "service", "enabled", "change", "by", "known_from",
            "superseded_at",
        )  # fmt: skip


class LayerRuleSerializer(serializers.ModelSerializer[AlertRule]):
    """One version of a rule about which layer an alert suggests."""

    conditions = ConditionSerializer(many=True, read_only=True)
    by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = AlertRule
        fields = (
            "number", "version", "note", "conditions", "layer", "mode", "enabled", "change", "by", "known_from",
            "superseded_at",
        )  # fmt: skip


class _WrittenSerializer(serializers.Serializer[Any]):
    conditions = ConditionSerializer(many=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="Of a change: the version that it is made to; 409 when it has another."
    )

    def asked(self) -> list[Condition]:
        """The conditions as the acts take them."""
        return list(conditions.load(self.validated_data["conditions"]))


class WrittenAlertRuleSerializer(_WrittenSerializer):
    """What a rule asks for, and the component or the service that its alerts are about."""

    component = ComponentField(required=False, allow_null=True, default=None)
    service = ServiceBySlug(required=False, allow_null=True, default=None)

    def wanted(self) -> Wanted:
        """As the acts take it."""
        said = self.validated_data
        return Wanted(self.asked(), component=said["component"], service=said["service"], note=said["note"])


class WrittenLayerRuleSerializer(_WrittenSerializer):
    """What a rule asks for, and the layer, or the mode with its layer, that its alerts suggest."""

    layer = serializers.ChoiceField(choices=Layer.choices, required=False, allow_blank=True, default="")
    mode = serializers.PrimaryKeyRelatedField(
        queryset=FailureMode.objects.all(), required=False, allow_null=True, default=None
    )

    def wanted(self) -> Wanted:
        """As the acts take it."""
        said = self.validated_data
        return Wanted(self.asked(), layer=said["layer"], mode=said["mode"], note=said["note"])


class MoveSerializer(serializers.Serializer[Any]):
    """Its place in the list, counted from 1; beyond the end is the end."""

    place = serializers.IntegerField(min_value=1, max_value=10_000)


class SwitchSerializer(serializers.Serializer[Any]):
    """Whether it decides."""

    enabled = serializers.BooleanField()


class _RuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AlertRule]):
    """What both lists have in common; a rule is named by its number."""

    book: str
    written: type[WrittenAlertRuleSerializer | WrittenLayerRuleSerializer]
    queryset = AlertRule.objects.none()
    ordering = ("position", "number")
    writes_as = Role.EDITOR
    lookup_field = "number"
    lookup_value_regex = r"\d{1,9}"

    def get_queryset(self) -> QuerySet[AlertRule]:
        """Current versions in their order."""
        return queries.current(self.book)

    def _make(self, request: Request) -> Response:
        made = ruling.make(self.book, checked(self.written, request).wanted(), **acting(request))
        return self._told(made, status=201)

    def _edit(self, request: Request, number: str) -> Response:
        rule = access.editable_rule(acting(request)["by"], self.book, int(number))
        if set(request.data) == {"enabled"}:
            on = checked(SwitchSerializer, request).validated_data["enabled"]
            return self._told(ruling.switch(rule, on=on, **acting(request)))
        asked = checked(self.written, request)
        seen = asked.validated_data.get("version", rule.version)
        return self._told(ruling.edit(rule, asked.wanted(), seen=seen, **acting(request)))

    def _move(self, request: Request, number: str) -> Response:
        rule = access.editable_rule(acting(request)["by"], self.book, int(number))
        place = checked(MoveSerializer, request).validated_data["place"]
        return self._told(ruling.move(rule, to=place - 1, **acting(request)))

    def destroy(self, request: Request, number: str) -> Response:
        """Delete it from the list; its versions stay."""
        ruling.end(access.editable_rule(acting(request)["by"], self.book, int(number)), **acting(request))
        return Response(status=204)

    def _versions(self, request: Request, number: str) -> Response:
        rule = access.readable_rule(acting(request)["by"], self.book, int(number))
        return Response(self.get_serializer(queries.versions(rule), many=True).data)

    def _proposed(self, request: Request) -> AlertRule:
        return ruling.draft(self.book, checked(self.written, request).wanted())

    def _told(self, rule: AlertRule, *, status: int = 200) -> Response:
        return Response(self.get_serializer(rule).data, status=status)


class AlertRuleViewSet(_RuleViewSet):
    """Rules about who an alert hits, in order: list, read, write, change, move, delete, try."""

    book = RuleBook.SUBJECT.value
    written = WrittenAlertRuleSerializer
    serializer_class = AlertRuleSerializer

    @extend_schema(request=WrittenAlertRuleSerializer, responses={201: AlertRuleSerializer})
    def create(self, request: Request) -> Response:
        """A new rule, last in the list."""
        return self._make(request)

    @extend_schema(request=WrittenAlertRuleSerializer, responses=AlertRuleSerializer)
    def partial_update(self, request: Request, number: str) -> Response:
        """A new version with this content, or with `enabled` alone: switched on or off."""
        return self._edit(request, number)

    @extend_schema(request=MoveSerializer, responses=AlertRuleSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, number: str) -> Response:
        """Another place in the list."""
        return self._move(request, number)

    @extend_schema(responses=AlertRuleSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, number: str) -> Response:
        """All its versions, newest first; also of a deleted rule."""
        return self._versions(request, number)

    @extend_schema(request=WrittenAlertRuleSerializer, responses=RehearsalSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def dry_run(self, request: Request) -> Response:
        """What such a rule, last in the list, would have changed; nothing is saved."""
        proposed, now = self._proposed(request), acting(request)["now"]
        told = rehearsing.subjects(viewer(request), [*self.get_queryset(), proposed], focus=proposed, now=now)
        return Response(RehearsalSerializer(told).data)


class BuiltInSerializer(serializers.Serializer[Any]):
    """A built-in layer rule, and whether it decides."""

    code = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    layer = serializers.ChoiceField(choices=Layer.choices)
    mode = serializers.CharField(allow_blank=True)
    conditions = ConditionSerializer(many=True)
    enabled = serializers.BooleanField()


class LayerRuleViewSet(_RuleViewSet):
    """An organisation's own rules about which layer an alert suggests, in order; they come before the built-in ones."""

    book = RuleBook.LAYER.value
    written = WrittenLayerRuleSerializer
    serializer_class = LayerRuleSerializer

    @extend_schema(request=WrittenLayerRuleSerializer, responses={201: LayerRuleSerializer})
    def create(self, request: Request) -> Response:
        """A new rule, last of your own."""
        return self._make(request)

    @extend_schema(request=WrittenLayerRuleSerializer, responses=LayerRuleSerializer)
    def partial_update(self, request: Request, number: str) -> Response:
        """A new version with this content, or with `enabled` alone: switched on or off."""
        return self._edit(request, number)

    @extend_schema(request=MoveSerializer, responses=LayerRuleSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, number: str) -> Response:
        """Another place in the list."""
        return self._move(request, number)

    @extend_schema(responses=LayerRuleSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, number: str) -> Response:
        """All its versions, newest first; also of a deleted rule."""
        return self._versions(request, number)

    @extend_schema(request=WrittenLayerRuleSerializer, responses=RehearsalSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def dry_run(self, request: Request) -> Response:
        """What such a rule, last of your own, would have suggested; nothing is saved."""
        proposed, now = self._proposed(request), acting(request)["now"]
        says = deciding.says([*self.get_queryset(), proposed], queries.switched_off())
        return Response(
            RehearsalSerializer(rehearsing.layers(viewer(request), says, focus=proposed.label, now=now)).data
        )

    @extend_schema(responses=BuiltInSerializer(many=True))
    @action(detail=False, url_path="built-in", pagination_class=None)
    def built_in(self, request: Request) -> Response:
        """The rules that Seamline brings, in their order."""
        off = queries.switched_off()
        rules = [{**vars(one), "enabled": one.code not in off} for one in built_in.rules()]
        return Response(BuiltInSerializer(rules, many=True).data)

    @extend_schema(request=SwitchSerializer, responses=BuiltInSerializer)
    @action(detail=False, methods=["post"], url_path=r"built-in/(?P<code>[a-z_.]{1,80})/switch")
    def switch_built_in(self, request: Request, code: str) -> Response:
        """Let a built-in rule decide, or not."""
        rule = next((one for one in built_in.rules() if one.code == code), None)
        if rule is None:
            raise Http404("There is no such built-in rule.")
        on = checked(SwitchSerializer, request).validated_data["enabled"]
        ruling.switch_built_in(code, on=on, **acting(request))
        return Response(BuiltInSerializer({**vars(rule), "enabled": on}).data)


ROUTES = [
    ("alert-rules", AlertRuleViewSet, "alert_rule"),
    ("layer-rules", LayerRuleViewSet, "layer_rule"),
]
