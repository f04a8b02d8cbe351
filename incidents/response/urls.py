"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response.views import (
    acts,
    board,
    bulk,
    by_link,
    combining,
    confiding,
    declaring,
    ending,
    escalation,
    facts,
    handoffs,
    incident,
    people,
    saved_views,
    times,
)

app_name = "incidents"

urlpatterns = [
    path("", board.board, name="board"),
    path("board/live/", board.live, name="board_live"),
    path("board/acknowledge/", bulk.acknowledge, name="bulk_acknowledge"),
    path("board/resolve/", bulk.resolve, name="bulk_resolve"),
    path("board/views/", saved_views.listing, name="views"),
    path("board/views/new/", saved_views.new, name="new_view"),
    path("board/views/begin/", saved_views.begin_open, name="begin_open"),
    path("board/views/<int:number>/", saved_views.edit, name="view"),
    path("board/views/<int:number>/delete/", saved_views.delete, name="delete_view"),
    path("board/views/<int:number>/begin/", saved_views.begin, name="begin_view"),
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
    path("acknowledge/<path:token>/", by_link.acknowledge, name="acknowledge_by_link"),
    path("escalation/", escalation.waits, name="escalation"),
    path("incidents/<int:number>/reopen/", acts.reopen, name="reopen"),
    path("incidents/<int:number>/people/", people.people, name="people"),
    path("incidents/<int:number>/people/join/", people.join, name="join"),
    path("incidents/<int:number>/people/<int:person_id>/out/", people.out, name="take_out"),
    path("incidents/<int:number>/private/", confiding.private, name="private"),
    path("incidents/<int:number>/merge/", combining.merge, name="merge"),
    path("incidents/<int:number>/unmerge/", combining.unmerge, name="unmerge"),
    path("incidents/<int:number>/link/", combining.link, name="link"),
    path("incidents/<int:number>/link/<int:link_id>/remove/", combining.unlink, name="unlink"),
]
