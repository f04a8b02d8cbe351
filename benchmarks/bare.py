"""What the hook is compared with: a Django view that does one INSERT of the same row; bare_server.py serves it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from incidents.alerts.models import Delivery, DeliveryState


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
