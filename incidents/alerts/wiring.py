"""What the alerts wing hangs into the house."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from incidents.alerts import access, change_panels, doubting, panels, regrading, signalling, uniting
from incidents.alerts.models import Alert, Source
from incidents.alerts.queries import pointing, searching
from ownership.models import Person
from web import errors, logs, references, registry

RULES = {
    "incidents_source_name_key": errors.Rule("name_taken", "A source with this name exists already.", "name"),
    "secret_key_once": errors.Rule("key_taken", "Try again: this key exists already."),
    "secret_two_live": errors.Rule("two_live_already", "Two of them are live already; end one of them first."),
    "alert_one_open": errors.Rule("already_firing", "This alert is firing already; it opens only once."),
    "alert_times_in_order": errors.Rule("times_out_of_order", "An alert cannot resolve before it began."),
    "alert_rule_one_current": errors.Rule("rule_changed", "Somebody changed this rule meanwhile; look again."),
    "alert_rule_version_once": errors.Rule("rule_changed", "Somebody changed this rule meanwhile; look again."),
    "incidents_severitytable_version_key": errors.Rule("table_changed", "Somebody changed this table meanwhile."),
    "severity_table_one_current": errors.Rule("table_changed", "Somebody changed this table meanwhile; look again."),
    "alert_move_append_only": errors.Rule("append_only", "What was moved stays on record; move it back instead."),
    "source_one_built_in": errors.Rule("built_in_taken", "Seamline has this source already; try again."),
    "mapping_version_once": errors.Rule("mapping_changed", "Somebody saved another version meanwhile; reload."),
    "mapping_one_current": errors.Rule("mapping_changed", "Somebody saved another version meanwhile; reload."),
    "change_one_current_version": errors.Rule(
        "change_changed", "Somebody corrected this change meanwhile; look at it again."
    ),
    "change_kind_known": errors.Rule("kind_unknown", "Choose one of the kinds of change.", "kind", 422),
    "change_one_place": errors.Rule("one_place", "Name a component or a service, not both.", "component", 422),
    "delivery_rejected_has_reason": errors.Rule("reason_missing", "A rejected delivery needs its reason."),
}


def connect() -> None:
    """Register rules, places, steps and panels; called once, when Django is ready."""
    errors.register(RULES)
    logs.hide_in_paths("/hooks/[^/]+/")
    registry.add_nav(
        registry.NavItem(label="Changes", url_name="alerts:changes", icon="changes", order=15, prefixes=("/changes/",)),
        registry.NavItem(
            label="Sources",
            url_name="alerts:sources",
            icon="source",
            order=50,
            prefixes=("/sources/", "/rules/", "/reports/"),
        ),
    )
    registry.add_searcher(registry.Searcher("changes", "Changes", 35, searching.changes))
    references.add(references.Kind("alert", "Alert", "bell", 10, pointing.alerts, pointing.offered_alerts))
    references.add(references.Kind("change", "Change", "changes", 20, pointing.changed, pointing.offered_changes))
    registry.add_steps(_steps)
    registry.add_panels("incident", panels.on_incidents)
    registry.add_notes("board_row", panels.on_board_rows)
    registry.add_panels("incident", change_panels.on_incidents)
    registry.add_panels("incident", panels.similar_on_incidents)
    registry.add_panels("service", change_panels.on_services)
    registry.add_panels("component", change_panels.on_components)
    registry.add_panels("service", panels.on_services)
    registry.add_guard("resolve", doubting.of_resolving)
    registry.add_panels("service", panels.quality_on_services)
    registry.add_top_action(
        registry.TopAction(
            label="Report a wrong answer", url_name="alerts:new_report", allowed=lambda viewer: True, order=10
        )
    )
    registry.listen("service_named", regrading.by_alerts)
    registry.listen("service_named", signalling.service_named)
    registry.listen("incidents_merging", uniting.take_turn)
    registry.listen("incident_merged", uniting.along)
    registry.listen("incident_merge_undone", uniting.back)


def _steps(viewer: Person) -> Collection[registry.Step]:
    """The first two steps of the first run; an alert in the table proves that a delivery was digested."""
    may = access.may_manage(viewer)
    return [
        registry.Step(
            order=10,
            label="Connect a source",
            hint="What watches your systems today? It gets one URL to post its alerts to.",
            done=Source.objects.filter(built_in=False).exists(),
            url_name="alerts:new_source" if may else None,
        ),
        registry.Step(
            order=20,
            label="Send a test alert",
            hint="The button on the source's page proves the whole way, from alert to incident.",
            done=Source.objects.filter(Exists(Alert.objects.filter(source=OuterRef("pk"))), built_in=False).exists(),
            url_name="alerts:sources" if may else None,
        ),
    ]
