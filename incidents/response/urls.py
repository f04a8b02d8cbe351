"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response.views import (
    acts,
    board,
    by_link,
    combining,
    confiding,
    declaring,
    ending,
    escalation,
    facts,
    files,
    handoffs,
    incident,
    people,
    timeline,
    times,
)

app_name = "incidents"

urlpatterns = [
    path("", board.board, name="board"),
    path("incidents/new/", declaring.declare, name="declare"),
    path("incidents/names/", timeline.names, name="names"),
    path("incidents/<int:number>/", incident.incident, name="incident"),
    path("incidents/<int:number>/acknowledge/", acts.acknowledge, name="acknowledge"),
    path("incidents/<int:number>/blame/", acts.blame, name="blame"),
    path("incidents/<int:number>/note/", timeline.note, name="note"),
    path("incidents/<int:number>/fact/", timeline.fact, name="fact"),
    path("incidents/<int:number>/timeline/<int:row_id>/", timeline.row, name="row"),
    path("incidents/<int:number>/timeline/<int:row_id>/edit/", timeline.edit, name="edit_row"),
    path("incidents/<int:number>/timeline/<int:row_id>/take-back/", timeline.take_back, name="take_back"),
    path("incidents/<int:number>/timeline/<int:row_id>/pin/", timeline.pin, name="pin"),
    path("incidents/<int:number>/timeline/<int:row_id>/unpin/", timeline.unpin, name="unpin"),
    path("incidents/<int:number>/files/<int:file_id>/", files.file, name="file"),
    path("incidents/<int:number>/files/<int:file_id>/remove/", files.remove, name="remove_file"),
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
