"""Outgoing webhooks over the API, for admins."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import delivering, subscribing
from ownership import webhook_access as access
from ownership.api.fields import acting, checked, viewer
from ownership.models import Webhook, WebhookDelivery
from ownership.vocabulary import Role

NUMBER = OpenApiParameter("delivery", OpenApiTypes.INT, OpenApiParameter.PATH)


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address that is told of events; `off_why` says why it was switched off by itself."""

    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id", "name", "url", "events", "private", "is_on", "off_why", "failing_since", "made_at",
        )  # fmt: skip


class NewWebhookSerializer(serializers.Serializer[Any]):
    """Where to, and what it is told."""

    name = serializers.CharField(max_length=120)
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)
    private = serializers.BooleanField(default=False)


class ChangedWebhookSerializer(NewWebhookSerializer):
    """What is left out stays."""

    is_on = serializers.BooleanField(required=False)


class SecretSerializer(serializers.Serializer[Any]):
    """A secret, shown only in this answer."""

    secret = serializers.CharField()


class MadeWebhookSerializer(WebhookSerializer):
    """The webhook with its secret, shown only in this answer."""

    secret = serializers.CharField()

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class WebhookDeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """One message; `state` is delivered, waiting, given up or withheld, for it became private."""

    state = serializers.CharField()

    class Meta:
        model = WebhookDelivery
        fields = (
            "id", "event_id", "event", "about", "state", "made_at", "attempts", "next_try_at", "tried_at",
            "delivered_at", "status", "answer", "is_withheld",
        )  # fmt: skip


class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Webhook]):
    """Outgoing webhooks: list, read, add, change, remove, replace the secret, test, what was sent, send again."""

    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer
    ordering: tuple[str, ...] = ("pk",)
    writes_as = Role.ADMIN
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Webhook]:
        """Those not removed; 403 for everybody but admins, for addresses may hold secrets."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return access.manageable_webhooks(viewer(self.request))

    @extend_schema(request=NewWebhookSerializer, responses={201: MadeWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Add one; its secret stands only in this answer."""
        said = checked(NewWebhookSerializer, request).validated_data
        made, secret = subscribing.add(**said, **acting(request))
        return Response({**WebhookSerializer(made).data, "secret": secret}, status=201)

    @extend_schema(request=ChangedWebhookSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what it is told, or switch it on or off."""
        hook = self.get_object()
        said = checked(ChangedWebhookSerializer, request, partial=True).validated_data
        is_on = said.pop("is_on", hook.is_on)
        if said:
            stays = {name: getattr(hook, name) for name in ("name", "url", "events", "private")}
            subscribing.change(hook, **{**stays, **said})
        if is_on != hook.is_on:
            subscribing.switch(hook, on=is_on)
        return Response(WebhookSerializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove it."""
        subscribing.remove(self.get_object(), now=timezone.now())
        return Response(status=204)

    @extend_schema(request=None, responses={201: SecretSerializer})
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str) -> Response:
        """A new secret; the one before signs beside it for a week. 409 while two are live."""
        made = subscribing.new_secret(self.get_object(), **acting(request))
        return Response({"secret": made}, status=201)

    @extend_schema(request=None, responses={201: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a message that says nothing but that it arrived."""
        return Response(
            WebhookDeliverySerializer(delivering.ping(self.get_object(), **acting(request))).data, status=201
        )

    @extend_schema(responses=WebhookDeliverySerializer(many=True))
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """What was sent or waits, the newest first."""
        hook = self.get_object()
        self.ordering = ("-pk",)
        rows: Any = WebhookDelivery.objects.filter(webhook=hook).defer("body")
        shown: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(WebhookDeliverySerializer(shown, many=True).data)

    @extend_schema(request=None, responses={201: WebhookDeliverySerializer}, parameters=[NUMBER])
    @action(detail=True, methods=["post"], url_path=r"deliveries/(?P<delivery>\d{1,18})/again")
    def again(self, request: Request, pk: str, delivery: str) -> Response:
        """Send a message once more, with the same event id. 409 when it is withheld, or the webhook is off."""
        sent = access.manageable_webhook_delivery(viewer(request), int(pk), int(delivery))
        made = delivering.send_again(sent, **acting(request))
        return Response(WebhookDeliverySerializer(made).data, status=201)
