"""Addresses of the alerts wing."""

from __future__ import annotations

from django.urls import path

from incidents.alerts import hook_urls, mapping_views, report_views, views, watch_views

app_name = "alerts"

urlpatterns = [
    *hook_urls.urlpatterns,
    path("sources/", views.listed, name="sources"),
    path("sources/new/", views.new, name="new_source"),
    path("sources/quality/", watch_views.quality, name="quality"),
    path("sources/<int:source_id>/", views.source, name="source"),
    path("sources/<int:source_id>/mapping/", mapping_views.mapping, name="mapping"),
    path("sources/<int:source_id>/mapping/try/", mapping_views.try_mapping, name="try_mapping"),
    path("sources/<int:source_id>/mapping/default/", mapping_views.drop_mapping, name="drop_mapping"),
    path("sources/<int:source_id>/replay/", watch_views.replay_all, name="replay_all"),
    path("sources/<int:source_id>/silence/", watch_views.expect, name="expect"),
    path("sources/<int:source_id>/test/", views.test, name="test_source"),
    path("sources/<int:source_id>/key/", views.new_key, name="new_key"),
    path("sources/<int:source_id>/disable/", views.disable, name="disable_source"),
    path("sources/<int:source_id>/enable/", views.enable, name="enable_source"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/replay/", views.replay, name="replay"),
    path("reports/", report_views.listed, name="reports"),
    path("reports/new/", report_views.new, name="new_report"),
    path("reports/<uuid:report_id>/", report_views.report, name="report"),
    path("reports/<uuid:report_id>/dismiss/", report_views.dismiss, name="dismiss_report"),
    path("incidents/<int:number>/component/", views.adopt, name="adopt"),
]
