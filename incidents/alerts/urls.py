"""Addresses of the alerts wing."""

from __future__ import annotations

from django.urls import path

from incidents.alerts import (
    grouping_views,
    hook_urls,
    mapping_views,
    moving_views,
    report_views,
    rule_views,
    splitting_views,
    trust_views,
    views,
    watch_views,
)

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
    path("sources/<int:source_id>/key/", trust_views.new_key, name="new_key"),
    path("sources/<int:source_id>/secrets/<int:secret_id>/end/", trust_views.end_secret, name="end_secret"),
    path("sources/<int:source_id>/signature/", trust_views.signature, name="signature"),
    path("sources/<int:source_id>/signature/secret/", trust_views.signing_secret, name="signing_secret"),
    path("sources/<int:source_id>/signature/off/", trust_views.unsigned, name="unsigned"),
    path("sources/<int:source_id>/limit/", trust_views.limit, name="limit"),
    path("sources/<int:source_id>/topics/", trust_views.topics, name="topics"),
    path("sources/<int:source_id>/topics/<int:subscription_id>/confirm/", trust_views.confirm, name="confirm_topic"),
    path("sources/<int:source_id>/disable/", views.disable, name="disable_source"),
    path("sources/<int:source_id>/enable/", views.enable, name="enable_source"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("sources/<int:source_id>/deliveries/<uuid:delivery_id>/replay/", views.replay, name="replay"),
    path("reports/", report_views.listed, name="reports"),
    path("reports/new/", report_views.new, name="new_report"),
    path("reports/<uuid:report_id>/", report_views.report, name="report"),
    path("reports/<uuid:report_id>/dismiss/", report_views.dismiss, name="dismiss_report"),
    path("incidents/<int:number>/component/", views.adopt, name="adopt"),
    path("rules/severity/", rule_views.severity_table, name="severity_table"),
    path("rules/severity/<int:version>/", rule_views.severity_version, name="severity_version"),
    path("rules/built-in/<str:code>/switch/", rule_views.switch_built_in, name="switch_built_in"),
    path("rules/<slug:book>/", rule_views.listed, name="rules"),
    path("rules/<slug:book>/new/", rule_views.new, name="new_rule"),
    path("rules/<slug:book>/<int:number>/", rule_views.rule, name="rule"),
    path("rules/<slug:book>/<int:number>/<int:version>/", rule_views.rule_version, name="rule_version"),
    path("rules/<slug:book>/<int:number>/move/", rule_views.move, name="move_rule"),
    path("rules/<slug:book>/<int:number>/switch/", rule_views.switch, name="switch_rule"),
    path("rules/<slug:book>/<int:number>/end/", rule_views.end, name="end_rule"),
    path("incidents/<int:number>/move/", moving_views.move, name="move"),
    path("incidents/<int:number>/split/", splitting_views.split, name="split"),
    path("grouping/", grouping_views.policy, name="default_grouping"),
    path("services/<slug:slug>/grouping/", grouping_views.policy, name="grouping"),
    path("services/<slug:slug>/grouping/give-up/", grouping_views.give_up, name="give_up_grouping"),
]
