"""What an alert that was replayed goes by: its number, the id of its delivery, or an address elsewhere."""

from __future__ import annotations

import re
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q
from django.urls import reverse

from incidents.alerts.models import Alert, Delivery
from incidents.response.models import Incident

_ALERT = re.compile(r"(?:alert\s*)?#?(\d{1,18})", re.IGNORECASE)
_DELIVERY = re.compile(r"(?:.*/deliveries/|delivery\s+)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?", re.IGNORECASE)


def address(said: str, incident: Incident | None) -> str | None:
    """Where that replay is to be seen: a page of ours, or the address as it was given; None when it names nothing.

    An alert of another private incident is not there. The address of one says nothing of its incident, which may become
    private later.
    """
    if found := _ALERT.fullmatch(said):
        shown = Q(incident__isnull=True) | Q(incident__private=False)
        if incident is not None:
            shown |= Q(incident=incident)
        number = int(found[1])
        there = Alert.objects.filter(shown, pk=number).exists()
        return reverse("alerts:alert", args=[number]) if there else None
    if found := _DELIVERY.fullmatch(said):
        delivery = Delivery.objects.filter(pk=UUID(found[1])).only("pk", "source").first()
        return reverse("alerts:delivery", args=[delivery.source_id, delivery.pk]) if delivery else None
    try:
        URLValidator(schemes=["http", "https"])(said)
    except ValidationError:
        return None
    return said
