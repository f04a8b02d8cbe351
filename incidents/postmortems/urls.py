"""Addresses of the postmortems wing; a postmortem goes by its incident's number."""

from __future__ import annotations

from django.urls import path

from incidents.postmortems.views import actions, findings, pages, sections

app_name = "postmortems"
ONE = "postmortems/<int:number>/"
FINDING = f"{ONE}findings/<uuid:line>/"
ACTION = f"{ONE}actions/<int:action_id>/"

urlpatterns = [
    path("postmortems/", pages.shelf, name="list"),
    path("incidents/<int:number>/postmortem/", pages.start, name="start"),
    path("incidents/<int:number>/no-postmortem/", pages.waive, name="waive"),
    path(ONE, pages.postmortem, name="postmortem"),
    path(f"{ONE}title/", pages.title, name="title"),
    path(f"{ONE}start-unknown/", pages.start_unknown, name="start_unknown"),
    path(f"{ONE}publish/", pages.publish, name="publish"),
    path(f"{ONE}sections/<slug:key>/", sections.save, name="section"),
    path(f"{ONE}findings/new/", findings.add, name="add_finding"),
    path(FINDING, findings.edit, name="finding"),
    path(f"{FINDING}confirm/", findings.confirm, name="confirm_finding"),
    path(f"{FINDING}primary/", findings.primary, name="primary_finding"),
    path(f"{FINDING}withdraw/", findings.withdraw, name="withdraw_finding"),
    path(f"{FINDING}no-action/", actions.no_action, name="no_action"),
    path(f"{ONE}actions/new/", actions.add, name="add_action"),
    path(ACTION, actions.edit, name="action"),
    path(f"{ACTION}remove/", actions.remove, name="remove_action"),
    path(f"{ACTION}done/", actions.done, name="done_action"),
]
