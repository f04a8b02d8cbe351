"""Addresses that senders post to; they are answered before sessions and users come into it (web.middleware)."""

from __future__ import annotations

from django.urls import path

from incidents.alerts import hooks

urlpatterns = [
    path("hooks/<slug:kind>/", hooks.receive, name="hook_bearer"),
    path("hooks/<slug:kind>/<str:key>/", hooks.receive, name="hook"),
    path("hooks/<slug:kind>/<str:key>", hooks.receive),  # a sender's POST would not survive a redirect to the slash
    path("v2/enqueue", hooks.enqueue, name="enqueue"),
    path("v2/enqueue/", hooks.enqueue),
    path("v2/change/enqueue", hooks.enqueue, {"change": True}, name="enqueue_change"),
    path("v2/change/enqueue/", hooks.enqueue, {"change": True}),
]
