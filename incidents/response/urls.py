"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response.views import acts, board, by_link, declaring, escalation, incident

app_name = "incidents"

urlpatterns = [
    path("", board.board, name="board"),
    path("incidents/new/", declaring.declare, name="declare"),
    path("incidents/<int:number>/", incident.incident, name="incident"),
    path("incidents/<int:number>/acknowledge/", acts.acknowledge, name="acknowledge"),
    path("incidents/<int:number>/blame/", acts.blame, name="blame"),
    path("incidents/<int:number>/note/", acts.note, name="note"),
    path("incidents/<int:number>/severity/", acts.severity, name="severity"),
    path("incidents/<int:number>/service/", acts.service, name="service"),
    path("incidents/<int:number>/impact/", acts.impact, name="impact"),
    path("incidents/<int:number>/resolve/", acts.resolve, name="resolve"),
    path("acknowledge/<path:token>/", by_link.acknowledge, name="acknowledge_by_link"),
    path("escalation/", escalation.waits, name="escalation"),
    path("incidents/<int:number>/reopen/", acts.reopen, name="reopen"),
]
