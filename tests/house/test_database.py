"""What the database refuses, people can understand; what must not change, cannot; what is joined, is indexed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.response import timeline
from incidents.response.models import TimelineRow
from tests import factories as make
from web.errors import known_constraints

pytestmark = pytest.mark.django_db

OURS = "^(ownership|incidents|web)_"

# What nobody can run into, because the code stands before it: why → the names.
INTERNAL = {
    "a closed list: forms and serializers offer nothing else": {
        "example_format_known",
        "example_guardrail_kind_known",
        "example_layer_known",
        "finding_layer_known",
        "mode_change_known",
        "verdict_known",
        "verdict_layer_is_modes",
        "finding_role_known",
        "layer_tag_layer_known",
        "ruling_out_layer_is_of_six",
        "ruling_out_stance_known",
        "finding_state_known",
        "source_sns_check_known",
        "impact_facts_green_known",
        "incident_first_blame_known",
        "incident_severity_known",
        "incident_type_known",
        "link_kind_known",
        "merge_reason_known",
        "participation_role_known",
    },
    "forms and serializers take no negative number": {
        "incidents_groupingpolicy_calm_minutes_check",
        "incidents_groupingpolicy_flap_minutes_check",
        "incidents_groupingpolicy_flap_times_check",
        "incidents_groupingpolicy_longest_minutes_check",
        "incidents_groupingpolicy_quiet_seconds_check",
        "incidents_groupingpolicy_reopen_minutes_check",
        "incidents_groupingpolicy_version_check",
        "incidents_groupingpolicy_window_minutes_check",
        "incidents_source_expected_hours_check",
        "incidents_stagelatency_budget_ms_check",
        "incidents_stagelatency_p50_ms_check",
        "incidents_stagelatency_p95_ms_check",
        "incidents_stagelatency_p99_ms_check",
        "incidents_postmortemtemplate_minutes_check",
        "ownership_dependency_attempts_check",
        "ownership_dependency_freshness_minutes_check",
        "ownership_dependency_timeout_ms_check",
        "ownership_service_latency_budget_ms_check",
    },
    "the acts of rules count numbers and versions themselves, and give each book the target it takes": {
        "alert_rule_known_by",
        "alert_rule_target_fits",
        "incidents_alertrule_number_check",
        "incidents_alertrule_version_check",
        "incidents_severitytable_version_check",
    },
    "the acts of modes and of verdicts decide it first": {
        "mode_built_in_stands",
        "mode_merged_elsewhere",
        "verdict_accepted_is_same",
    },
    "an act checks the words of an example first, and erases them all in one statement": {
        "example_erased_whole",
        "example_says_something",
    },
    "counted by the code alone": {
        "incidents_failingexample_kept_check",
        "incidents_failingexample_version_check",
        "incidents_suggestionverdict_version_check",
        "incidents_alert_lately_check",
        "incidents_alert_times_seen_check",
        "incidents_delivery_attempts_check",
        "incidents_delivery_mapping_version_check",
        "incidents_postmortemtemplate_version_check",
        "incidents_comment_on_revision_check",
        "incidents_comment_version_check",
        "incidents_commentversion_version_check",
        "incidents_section_position_check",
        "incidents_stagelatency_position_check",
        "incidents_attachment_size_check",
        "incidents_timelinerow_version_check",
        "incidents_section_revision_check",
        "incidents_sectionrevision_restores_check",
        "incidents_sectionrevision_revision_check",
        "incidents_sourcehour_deliveries_check",
        "incidents_sourcehour_rejected_check",
        "incidents_sourcemapping_version_check",
        "ownership_message_attempts_check",
        "ownership_message_count_check",
        "ownership_part_position_check",
    },
    "said once, and the second time dropped by ON CONFLICT DO NOTHING": {
        "incidents_templatestanding_code_key",
        "message_one_test_waits",
        "notice_once",
        "notice_once_team",
    },
    "the acts of webhooks write them so, and the second time is dropped by ON CONFLICT DO NOTHING": {
        "ownership_webhook_failures_check",
        "ownership_webhookdelivery_attempts_check",
        "ownership_webhookdelivery_status_check",
        "webhook_delivery_once",
        "webhook_removed_is_off",
        "webhook_secret_slot_known",
        "webhook_two_secrets",
        "webhook_withheld_is_gone",
    },
    "the code names one person or one team, and says once how each is told": {
        "bundle_one_reader",
        "channel_has_address",
        "channel_one_owner",
        "manner_one_owner",
        "notice_one_reader",
        "ownership_manner_person_id_key",
        "ownership_manner_team_id_key",
    },
    "a trigger makes it with the person": {"channel_one_own_mail"},
    "the one statement that gathers notices makes a message for a channel once": {
        "message_bundle_or_test",
        "message_once",
    },
    "a hash of 32 random bytes": {
        "ownership_apitoken_digest_key",
        "ownership_invitation_digest_key",
    },
    "one import at a time, which finds what is there and writes the rest": {
        "doubted_time_once",
        "catalogue_entry_is_one_thing",
        "catalogue_entry_once",
        "claim_at_most_one_party",
        "claim_at_most_one_subject",
        "claim_once",
        "claim_state_known",
        "ownership_claim_line_check",
    },
    "an act asks the rows that are there, and answers with the one that stands": {
        "change_key_once",
        "rule_cause_once",
        "suspect_once",
    },
    "an act checks the number first": {"source_rate_limit_not_negative"},
    "an act writes both halves in one statement": {
        "attachment_removed_whole",
        "rule_cause_dropped_pair",
        "incident_blame_unknown_pair",
        "incident_check_pair",
        "incident_closed_pair",
        "incident_first_blame_triple",
        "incident_mitigated_pair",
        "link_ended_pair",
        "merge_ended_pair",
        "participation_ended_pair",
        "incident_resolved_pair",
        "layer_tag_ended_pair",
        "pin_ended_whole",
        "timeline_first_is_one",
        "report_dismissed_whole",
        "secret_kept_as_its_purpose_asks",
        "secret_slot_known",
        "source_expected_pair",
    },
    "the statements of the digest and of the tasks keep to it": {
        "affected_once",
        "certificate_fetched_has_pem",
        "change_via_known",
        "delivery_removed_is_empty",
        "delivery_state_known",
        "incident_joinable_has_key",
        "incidents_snscertificate_url_key",
        "subscription_due_has_next_try",
        "subscription_once",
        "subscription_state_known",
        "quality_signal_known",
        "quality_signal_once",
        "source_hour_once",
    },
    "the sweep keeps to it, and the triggers and acts write both halves": {
        "escalation_ended_whole",
        "escalation_reason_known",
        "escalation_round_once",
        "escalation_rung_known",
        "escalation_step_append_only",
        "escalation_step_once",
        "escalation_taken_pair",
        "incidents_escalation_round_check",
        "incidents_escalation_rung_check",
        "incidents_escalationstep_rung_check",
    },
    "an act checks the minutes first, and writes a tier or a service": {
        "escalation_wait_of_one",
        "escalation_wait_sensible",
        "incidents_escalationwait_minutes_check",
    },
    "written by a trigger or by a migration's loader alone": {
        "incident_version_one_current",
        "mode_code_has_layer",
        "mode_layer_known",
    },
    "no act tries: findings, facts, rules, tables and policies are superseded, hand-offs stay": {
        "alert_rule_superseded_only",
        "change_superseded_only",
        "finding_superseded_only",
        "handoff_append_only",
        "impact_facts_superseded_only",
        "layer_tag_ended_once",
        "ruling_out_superseded_only",
        "stage_latency_superseded_only",
        "severity_table_superseded_only",
        "grouping_superseded_only",
        "attachment_removed_once",
        "pin_ended_once",
    },
    "the acts of actions write both halves, and say first what is missing": {
        "action_declined_whole",
        "action_event_append_only",
        "action_event_evidence",
        "action_event_known",
        "action_event_says_why",
        "action_event_until_of_snooze",
        "action_snoozed_while_open",
        "action_ticket_whole",
        "action_verified_whole",
        "held_answer_known",
        "held_superseded_only",
    },
    "the act refuses it first, with the field": {
        "alert_move_goes_elsewhere",
        "link_goes_elsewhere",
        "merge_goes_elsewhere",
        "grouping_flaps_sensible",
        "grouping_reopen_fits",
        "grouping_window_fits",
        "handoff_goes_elsewhere",
        "handoff_reason_given",
    },
}
FROZEN = {
    # table → trigger, and whether it looks at UPDATE and DELETE
    "incidents_timelinerow": ("timeline_append_only", True, True),
    "incidents_attachment": ("attachment_removed_once", True, True),
    "incidents_pin": ("pin_ended_once", True, True),
    "incidents_sectionrevision": ("section_revision_append_only", True, True),
    "incidents_change": ("change_superseded_only", True, True),
    "incidents_finding": ("finding_superseded_only", True, True),
    "incidents_handoff": ("handoff_append_only", True, True),
    "incidents_impactfacts": ("impact_facts_superseded_only", True, True),
    "incidents_layertag": ("layer_tag_ended_once", True, True),
    "incidents_rulingout": ("ruling_out_superseded_only", True, True),
    "incidents_stagelatency": ("stage_latency_superseded_only", True, True),
    "incidents_alertrule": ("alert_rule_superseded_only", True, True),
    "incidents_severitytable": ("severity_table_superseded_only", True, True),
    "incidents_groupingpolicy": ("grouping_superseded_only", True, True),
    "incidents_escalationstep": ("escalation_step_append_only", True, True),
    "incidents_alertmove": ("alert_move_append_only", True, True),
    "incidents_participation": ("participation_ended_only", True, True),
    "incidents_incidentmerge": ("merge_ended_only", True, True),
    "incidents_incidentlink": ("link_ended_only", True, True),
    "incidents_action": ("action_frozen_once_published", True, True),
    "incidents_noactionreason": ("no_action_reason_frozen_once_published", True, True),
    "incidents_actionevent": ("action_event_append_only", True, True),
    "incidents_held": ("held_superseded_only", True, True),
    "incidents_section": ("section_frozen_once_published", True, True),
    "incidents_postmortem": ("postmortem_frozen_once_published", True, True),
    "incidents_amendment": ("amendment_append_only", True, True),
    "incidents_reviewer": ("reviewer_frozen_once_published", True, True),
    "incidents_incident": ("incident_first_blame_frozen", True, False),
}
ON_DELETE, ON_UPDATE = 8, 16  # bits of pg_trigger.tgtype


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [OURS])
        return cursor.fetchall()


def refusing() -> set[str]:
    """Every name that the database may refuse with, but primary and foreign keys, which no form lets people choose."""
    constraints = _rows(
        "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'x') AND conrelid::regclass::text ~ %s"
    )
    indexes = _rows(
        "SELECT indexrelid::regclass::text FROM pg_index"
        " WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text ~ %s"
    )
    raised = _rows(
        "SELECT CASE WHEN octet_length(tgargs) > 0 THEN rtrim(encode(tgargs, 'escape'), '\\0')"
        " ELSE substring(prosrc FROM 'CONSTRAINT = ''(\\w+)''') END"
        " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE NOT tgisinternal AND prosrc ~ 'CONSTRAINT = ' AND tgrelid::regclass::text ~ %s"
    )
    return {str(name).replace("\\000", "") for (name,) in (*constraints, *indexes, *raised)}


def test_every_refusal_has_words_or_a_reason_why_nobody_meets_it() -> None:
    internal = set().union(*INTERNAL.values())
    assert refusing() - known_constraints() - internal == set()


def test_no_name_is_told_that_the_database_does_not_have() -> None:
    internal = set().union(*INTERNAL.values())
    assert (known_constraints() | internal) - refusing() == set()


def test_no_name_is_both_told_and_internal() -> None:
    assert [name for names in INTERNAL.values() for name in names if name in known_constraints()] == []


def test_what_must_not_change_is_guarded() -> None:
    guards = {
        (table, name): (bool(kind & ON_UPDATE), bool(kind & ON_DELETE))
        for table, name, kind in _rows(
            "SELECT tgrelid::regclass::text, tgname, tgtype::int FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled = 'O' AND tgrelid::regclass::text ~ %s"
        )
    }
    for table, (name, updates, deletes) in FROZEN.items():
        assert guards[table, name] == (updates, deletes)


def test_the_timeline_can_only_grow() -> None:
    row = timeline.add(make.incident(), "note", at=make.NOON, now=make.NOON, text="as it was")
    for change in (lambda rows: rows.update(text="as it should have been"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change(TimelineRow.objects.filter(pk=row.pk))
    row.refresh_from_db()
    assert row.text == "as it was"


def test_every_foreign_key_is_indexed() -> None:
    """By a whole index, or by one without its empty entries."""
    bare = _rows(
        "SELECT conrelid::regclass::text, attname FROM pg_constraint"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
        " WHERE contype = 'f' AND conrelid::regclass::text ~ %s AND NOT EXISTS ("
        " SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1]"
        " AND COALESCE(pg_get_expr(indpred, indrelid) = format('(%%s IS NOT NULL)', attname), TRUE))"
    )
    assert bare == []
