"""Addresses of the alerts wing."""

from __future__ import annotations

from django.urls import path

from incidents.alerts import grouping_views, hook_urls, moving_views, views

app_name = "alerts"

urlpatterns = [
    *hook_urls.urlpatterns,
    path("sources/", views.listed, name="sources"),
    path("sources/new/", views.new, name="new_source"),
    path("sources/<int:source_id>/", views.source, name="source"),
    path("sources/<int:source_id>/test/", views.test, name="test_source"),
    path("sources/<int:source_id>/key/", views.new_key, name="new_key"),
    path("sources/<int:source_id>/disable/", views.disable, name="disable_source"),
    path("sources/<int:source_id>/enable/", views.enable, name="enable_source"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/replay/", views.replay, name="replay"),
    path("incidents/<int:number>/component/", views.adopt, name="adopt"),
    path("incidents/<int:number>/move/", moving_views.move, name="move"),
    path("grouping/", grouping_views.policy, name="default_grouping"),
    path("services/<slug:slug>/grouping/", grouping_views.policy, name="grouping"),
    path("services/<slug:slug>/grouping/give-up/", grouping_views.give_up, name="give_up_grouping"),
]
