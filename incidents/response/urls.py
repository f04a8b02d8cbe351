"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response.views import acts, board, declaring, ending, facts, handoffs, incident, times

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
    path("incidents/<int:number>/impact/facts/", facts.facts, name="facts"),
    path("incidents/<int:number>/times/", times.times, name="times"),
    path("incidents/<int:number>/times/check/", times.check, name="check_times"),
    path("incidents/<int:number>/handoff/", handoffs.hand_off, name="hand_off"),
    path("incidents/<int:number>/take/", handoffs.take, name="take"),
    path("incidents/<int:number>/mitigate/", ending.mitigate, name="mitigate"),
    path("incidents/<int:number>/close/", ending.close, name="close"),
    path("incidents/<int:number>/resolve/", acts.resolve, name="resolve"),
    path("incidents/<int:number>/reopen/", acts.reopen, name="reopen"),
]
