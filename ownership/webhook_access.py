"""Who may do what with outgoing webhooks: admins alone, for addresses may hold secrets. Fetch and refusal together."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from ownership.models import Person, Webhook, WebhookDelivery
from ownership.vocabulary import Role


def manageable_webhooks(viewer: Person) -> QuerySet[Webhook]:
    """Those that were not removed; 403 for everybody but admins."""
    if not viewer.may(Role.ADMIN):
        raise PermissionDenied("Admins say which programs are told what happens; ask one of them.")
    return Webhook.objects.filter(removed_at=None).select_related("made_by")


def manageable_webhook(viewer: Person, number: int) -> Webhook:
    """One of them."""
    return get_object_or_404(manageable_webhooks(viewer), pk=number)


def manageable_webhook_delivery(viewer: Person, number: int, delivery: int) -> WebhookDelivery:
    """One message of one of them."""
    hook = manageable_webhook(viewer, number)
    return get_object_or_404(WebhookDelivery.objects.select_related("webhook"), webhook=hook, pk=delivery)
