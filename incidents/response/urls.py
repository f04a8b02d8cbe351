"""Addresses of the response wing."""

from __future__ import annotations

from django.urls import path

from incidents.response import views

app_name = "incidents"

urlpatterns = [
    path("", views.board, name="board"),
    path("incidents/new/", views.declare, name="declare"),
    path("incidents/<int:number>/", views.incident, name="incident"),
    path("incidents/<int:number>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("incidents/<int:number>/blame/", views.blame, name="blame"),
    path("incidents/<int:number>/note/", views.note, name="note"),
    path("incidents/<int:number>/severity/", views.severity, name="severity"),
    path("incidents/<int:number>/service/", views.service, name="service"),
    path("incidents/<int:number>/impact/", views.impact, name="impact"),
    path("incidents/<int:number>/resolve/", views.resolve, name="resolve"),
    path("incidents/<int:number>/reopen/", views.reopen, name="reopen"),
]
