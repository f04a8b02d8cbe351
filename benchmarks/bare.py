"""What the hook is compared with: a Django view without any middleware that does one INSERT of the same row."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
settings.MIDDLEWARE = []  # only now: some apps insist on theirs while they load
settings.ROOT_URLCONF = "benchmarks.bare"

from incidents.alerts.models import Delivery, DeliveryState  # noqa: E402 -- models need Django set up


def insert(request: HttpRequest, source_id: int) -> JsonResponse:
    """One INSERT, nothing else; the row is none of the digest's business."""
    state = DeliveryState.DIGESTED
    delivery = Delivery(
        source_id=source_id, body=request.body, content_type="application/json", headers={}, state=state
    )
    delivery.save(force_insert=True)
    return JsonResponse({"delivery": str(delivery.pk)}, status=202)


def alive(request: HttpRequest) -> HttpResponse:
    """Tells that the server is up."""
    return HttpResponse("ok")


urlpatterns = [path("insert/<int:source_id>/", insert), path("healthz", alive)]
application = WSGIHandler()
