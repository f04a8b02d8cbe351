"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response.views import acts, board, bulk, declaring, incident, saved_views

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
    path("incidents/<int:number>/resolve/", acts.resolve, name="resolve"),
    path("incidents/<int:number>/reopen/", acts.reopen, name="reopen"),
]
