"""What a person sees of each kind: titles, labels, links; and what nobody is to see."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidents.alerts.sources import grafana, pagerduty, registry
from incidents.alerts.sources.reading import Reading
from tests.incidents.alerts.sources.telling import NOW, OURS, bodies, ours, parse

SECRET = "R0123456789ABCDEF0123456789ABCDE"

# kind/payload: the first reading's title, its name, and some of its labels
SEEN: dict[str, tuple[str, str, dict[str, str]]] = {
    "grafana/firing": ("Faithfulness fell to 0.71", "Answer quality", {"service": "answers"}),
    "grafana/no_data": ("Answer quality: no data", "Answer quality", {"rulename": "Answer quality"}),
    "grafana/legacy_alerting": ("Queue of prompts", "Queue of prompts", {"service": "answers"}),
    "grafana/error": ("Answer quality: its query fails", "Answer quality", {"service": "answers"}),
    "grafana/oncall_created": ("Answers are slow", "Answers are slow", {"service": "answers", "team": "ml"}),
    "pagerduty/webhook_triggered": (
        "Answers take 3.4 s",
        "Answers take 3.4 s",
        {"service": "answers", "team": "ML, SRE", "urgency": "high", "number": "41"},
    ),
    "pagerduty/webhook_note": ("incident.annotated: Answers take 3.4 s", "incident.annotated", {}),
    "pagerduty/webhook_ping": ("pagey.ping: Hello from the pager", "pagey.ping", {}),
    "pagerduty/events_v1": ("Answers take 3.4 s", "Answers take 3.4 s", {"p99": "3.4", "client": "checker"}),
    "pagerduty/trigger": ("Answers take 3.4 s", "latency", {"component": "gateway", "region": "eu", "p99": "3.4"}),
    "cloudwatch/notification": (
        "Answers are slow [prod]",
        "Answers are slow [prod]",
        {"service": "answers", "priority": "P1", "LoadBalancer": "app/answers", "topic": "alarms"},
    ),
    "cloudwatch/metric_math": (
        "Answers are slow [prod]",
        "Answers are slow [prod]",
        {"Model": "v3", "metric": "Errors", "namespace": "Answers"},
    ),
    "cloudwatch/eventbridge": (
        "Answers are slow [prod]",
        "Answers are slow [prod]",
        {"Model": "v3", "metric": "Latency", "region": "eu-west-1"},
    ),
    "cloudwatch/anomaly": ("Odd traffic", "Odd traffic", {"metric": "Calls", "Model": "v3", "topic": "alarms"}),
    "cloudwatch/series": ("Tables: answers", "Tables", {"TableName": "answers"}),
    "cloudwatch/configured": ("Tables was deleted", "CloudWatch Alarm Configuration Change", {"alarm": "Tables"}),
    "cloudwatch/health_issue": (
        "AWS BEDROCK in eu-west-1: operational issue",
        "AWS_BEDROCK_OPERATIONAL_ISSUE",
        {"aws_service": "BEDROCK"},
    ),
    "sentry/event_alert": (
        "KeyError: 'score'",
        "KeyError: 'score'",
        {"service": "answers", "environment": "prod", "rule": "New errors in answers"},
    ),
    "sentry/issue_created": ("KeyError: 'score'", "KeyError: 'score'", {"project": "answers", "issue": "ANS-12"}),
    "sentry/metric_critical": ("Too many errors", "Error budget", {"project": "answers", "query": "level:error"}),
    "sentry/error": ("error created: KeyError: 'score'", "error", {}),
    "sentry/plugin_bare": ("KeyError: 'score'", "KeyError: 'score'", {"project": "answers"}),
    "sentry/plugin": ("KeyError: 'score'", "KeyError: 'score'", {"project": "answers", "runtime": "CPython"}),
    "datadog/triggered": (
        "Answers are slow",
        "Answers are slow",
        {"service": "answers", "env": "prod", "team": "ml, sre", "tags": "monitor", "monitor": "1234"},
    ),
    "datadog/default_triggered": ("Disk is full", "Disk is full", {"scope": "{host:b}"}),
    "datadog/own_marks": ("[Synthetics] Checkout in a browser", "[Synthetics] Checkout in a browser", {}),
    "datadog/old_title": ("[Monitor Alert] Disk is full", "[Monitor Alert] Disk is full", {"scope": "{host:b}"}),
    "datadog/grouped": ("Answers are slow", "Answers are slow", {"service": "answers", "monitor": "1234"}),
    "cloudevents/structured": (
        "Faithfulness fell",
        "com.example.evaluation.failed",
        {"component": "ranker", "region": "eu", "subject": "answers"},
    ),
    "cloudevents/binary": (
        "Faithfulness fell",
        "com.example.evaluation",
        {"tier": "one", "source": "/evaluations/été"},
    ),
    "cloudevents/capitals": ("Answers are slow", "sh.example.problem.open", {"source": "/evaluations/answers"}),
    "cloudevents/as_alertmanager": ("Faithfulness fell", "io.example.notice", {"service": "answers"}),
    "openlineage/fail": ("nightly_index failed", "nightly_index", {"namespace": "warehouse", "integration": "SPARK"}),
    "openlineage/fail_of_a_test": ("not_null on public.docs.id failed", "not_null", {"dataset": "public.docs"}),
    "dbt/run_results": (
        "Test not_null_docs_id failed",
        "not_null_docs_id",
        {"service": "answers", "project": "shop", "target": "prod", "resource_type": "test"},
    ),
    "dbt/freshness": ("Source raw.docs is stale", "raw.docs", {"resource_type": "source"}),
    "dbt/webhook_errored": ("dbt job failed: Nightly", "Nightly", {"environment": "Production"}),
    "great-expectations/validation": (
        "embedding: column values to not be null failed on pg.docs",
        "expect_column_values_to_not_be_null",
        {"service": "answers", "suite": "docs", "checkpoint": "nightly"},
    ),
    "langsmith/alert": (
        "Thumbs down in answers-prod",
        "Thumbs down",
        {"service": "answers", "project": "answers-prod"},
    ),
    "langsmith/rule_webhook": ("Automation rule matched the run answer", "Automation rule", {"trace_id": "trace-1"}),
    "langsmith/engine_trace": (
        "Tools are called in a circle in answers-prod",
        "Tools are called in a circle",
        {"project": "answers-prod", "trace_id": "trace-9"},
    ),
    "langsmith/engine_failed": ("A run of LangSmith Engine failed", "LangSmith Engine", {"project": "answers-prod"}),
    "bedrock-guardrail/converse_input": (
        "Guardrail gr1abc blocked an input: Investment advice",
        "Guardrail gr1abc: denied topics",
        {"service": "answers", "side": "input"},
    ),
    "bedrock-guardrail/agent": (
        "Guardrail of agent AGENT1 blocked an input: violence",
        "Guardrail: content filters",
        {"agent": "AGENT1", "side": "input"},
    ),
    "bedrock-guardrail/reasoning_stopped": (
        "Guardrail gr1abc blocked a text: impossible",
        "Guardrail gr1abc: automated reasoning",
        {"guardrail": "gr1abc"},
    ),
    "bedrock-guardrail/stream_output": (
        "Guardrail gr1abc masked an output: email",
        "Guardrail gr1abc: personal data",
        {"policy": "sensitiveInformationPolicy"},
    ),
    "report/filed": (
        "Wrong answer reported in chat on the help page",
        "User report in chat on the help page",
        {"service": "support-answers", "trace_id": "4bf92f3577b34da6", "prompt_version": "v31", "reported_by": "user"},
    ),
    "report/colleague": (
        "Wrong answer reported",
        "User report",
        {"component": "retriever", "reported_by": "colleague"},
    ),
    "custom/one": ("Checkout answers slowly", "Checkout answers slowly", {"component": "checkout", "service": "shop"}),
}


def first(name: str) -> Reading:
    kind, _, payload = name.partition("/")
    return ours(kind, payload).readings[0]


@pytest.mark.parametrize("name", SEEN)
def test_what_a_person_sees(name: str) -> None:
    title, sort, labels = SEEN[name]
    reading = first(name)
    assert (reading.title, reading.name) == (title, sort)
    assert {label: reading.labels.get(label) for label in labels} == labels


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("grafana/legacy_alerting", "depth is 912"),
        ("grafana/legacy_values", "value is 912, age is 3.5"),
        ("grafana/error", "connection refused"),
        ("grafana/reasons", "Faithfulness fell\nGrafana's reason: NoData"),
        ("pagerduty/trigger", "Budget 1.2 s."),
        ("pagerduty/events_v1", "Budget 1.2 s."),
        (
            "cloudwatch/composite",
            "an alarm of its rule went to ALARM\n\nRule: ALARM(Slow) OR ALARM(Wrong)\nSet off by: Wrong",
        ),
        ("sentry/event_alert", "answers.rank in score"),
        ("sentry/metric_critical", "1000 events in the last 10 minutes"),
        ("datadog/triggered", "p99 is **3.4 s** on {{host.name}}"),
        ("openlineage/fail", "Out of memory"),
        ("dbt/run_results", "Got 78 results, configured to fail if != 0\n78 failing rows"),
        ("dbt/before_versions", "Database Error in model answers"),
        ("dbt/freshness", "last loaded at 2026-11-18T00:00:00Z"),
        ("dbt/webhook_errored", "Kicked off by the scheduler"),
        ("great-expectations/validation", "14 of 1000 values are unexpected"),
        ("langsmith/alert", "feedback_score is 0.41, the threshold is 0.6"),
        ("bedrock-guardrail/converse_input", "By its policy on denied topics."),
    ],
)
def test_summaries(name: str, said: str) -> None:
    assert first(name).summary == said


def test_an_expectation_that_could_not_be_checked_says_why() -> None:
    raised = ours("great-expectations", "validation").readings[2]
    assert (raised.title, raised.summary) == (
        "x: column max to be between could not be checked on pg.docs",
        'column "x" does not exist',
    )


def test_links_lead_to_the_web_only() -> None:
    assert [(link.label, link.url) for link in first("pagerduty/trigger").links] == [
        ("Sender", "https://checker.example.org"),
        ("Runbook", "https://runbooks.example.org/latency"),
        ("Chart", "https://charts.example.org/1.png"),
        ("Chart", "https://charts.example.org/1"),
    ]
    arn = "alarm/Answers%20are%20slow%20%5Bprod%5D"
    assert [link.url.rpartition(":")[2] for link in first("cloudwatch/notification").links][-1] == arn
    assert [link.label for link in first("cloudwatch/subscription").links] == ["Confirm the subscription"]
    assert first("cloudwatch/forged_subscription").links == ()


def test_delivery_keys_are_the_senders_ids() -> None:
    assert first("sentry/event_alert").delivery_key == "5e1f0000000000000000000000000001"
    assert first("cloudwatch/raw_delivery").delivery_key == "11111111-2222-4333-8444-555555555555"
    assert first("cloudwatch/sqs_record").delivery_key == "11111111-2222-4333-8444-555555555555"
    assert first("pagerduty/webhook_triggered").delivery_key == "01SEAMTRIGGERED"
    assert first("datadog/triggered").delivery_key == "777"
    assert first("dbt/webhook_errored").delivery_key == "wev_1"
    assert first("cloudevents/structured").delivery_key == "/evaluations/answers E-1"
    keys = [reading.delivery_key for reading in ours("openlineage", "complete_with_failed_assertions").readings]
    assert len(set(keys)) == len(keys)


# ---- one problem over its life ----


@pytest.mark.parametrize(
    ("kind", "payloads"),
    [
        ("grafana", ("legacy_alerting", "legacy_ok")),
        ("grafana", ("legacy_alerting", "legacy_title_only", "legacy_values")),
        ("grafana", ("error", "error_over")),
        (
            "grafana",
            ("oncall_created", "oncall_acknowledge", "oncall_silence", "oncall_unresolve", "oncall_resolve"),
        ),
        ("pagerduty", ("trigger", "acknowledge", "resolve", "nulls", "events_v1", "events_v1_resolve")),
        (
            "pagerduty",
            (
                *("webhook_triggered", "webhook_acknowledged", "webhook_reassigned", "webhook_priority"),
                *("webhook_unacknowledged", "webhook_resolved", "webhook_note"),
            ),
        ),
        ("cloudwatch", ("notification", "ok", "insufficient_data", "raw_delivery", "eventbridge", "sqs_record")),
        ("cloudwatch", ("notification", "lambda_action")),
        ("cloudwatch", ("composite", "composite_event", "sqs_received")),
        ("cloudwatch", ("series", "series_ok")),
        ("cloudwatch", ("health_issue", "health_closed")),
        ("sentry", ("event_alert", "issue_created", "issue_assigned", "issue_resolved", "no_headers", "plugin")),
        ("sentry", ("event_alert_bare", "plugin_bare", "activity_alert", "activity_alert_resolved", "issue_resolved")),
        ("sentry", ("metric_critical", "metric_warning", "metric_resolved", "metric_bare")),
        ("datadog", ("triggered", "no_data", "re_warn", "recovered", "form_encoded")),
        ("datadog", ("default_triggered", "default_recovered", "default_re_triggered", "default_re_no_data")),
        ("datadog", ("own_marks", "own_marks_over")),
        ("datadog", ("old_title", "old_title_over")),
        ("datadog", ("grouped", "grouped_over")),
        ("cloudevents", ("structured", "resolved")),
        ("cloudevents", ("no_subject", "no_subject_over")),
        ("cloudevents", ("incident_detected", "incident_resolved")),
        ("cloudevents", ("capitals", "capitals_over")),
        ("cloudevents", ("in_text", "in_base64")),
        ("openlineage", ("fail", "complete", "naive_time", "abort", "lower_case_fail", "stored")),
        ("dbt", ("webhook_started", "webhook_completed_with_errors", "webhook_errored", "webhook_completed")),
        ("dbt", ("freshness_before_versions", "freshness", "freshness_passed")),
        ("dbt", ("before_versions", "model_passed")),
        ("great-expectations", ("version_1_checkpoint", "version_1_passed")),
        ("great-expectations", ("version_0_8", "version_0_8_passed")),
        ("langsmith", ("alert", "bare_alert", "ended", "nameless_alert")),
        ("langsmith", ("engine_issue", "engine_trace")),
        ("custom", ("one", "resolved")),
        ("report", ("filed", "withdrawn")),
    ],
)
def test_one_problem_keeps_its_key(kind: str, payloads: tuple[str, ...]) -> None:
    assert len({ours(kind, payload).readings[0].problem_key for payload in payloads}) == 1


def test_an_issue_and_a_metric_alert_of_one_number_are_two_problems() -> None:
    assert first("sentry/metric_critical").problem_key == "metric-alert:81"


# ---- what nobody is to see ----


def test_the_routing_key_is_in_nothing_that_is_read() -> None:
    for path in bodies(OURS / "pagerduty"):
        assert SECRET not in str(parse("pagerduty", path)), path.name
    assert first("pagerduty/key_everywhere").title == "With … in it"


def test_a_generated_key_is_the_same_for_the_same_bytes() -> None:
    body = (OURS / "pagerduty" / "no_dedup_key.json").read_bytes()
    keys = [pagerduty.parse(one, {}, received_at=NOW).readings[0].problem_key for one in (body, body, body + b" ")]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    "kind", ["sentry", "great-expectations", "langsmith", "dbt", "bedrock-guardrail", "grafana", "pagerduty", "report"]
)
def test_what_people_wrote_and_code_stay_in_the_raw_body(kind: str) -> None:
    words = ("own words", "secret source", "select secret", "someone@example.org", "rude", "'user': ")
    for path in bodies(OURS / kind):
        said = str(parse(kind, path))
        assert not [word for word in words if word in said], path.name


def test_secrets_in_tags_and_addresses_are_left_out() -> None:
    assert "api_key" not in first("datadog/triggered").labels
    (link,) = _with_link("https://example.org/x?token=abc&y=1#z").links
    assert link.url == "https://example.org/x?token=…&y=1#z"


def _with_link(url: str) -> Reading:
    body: dict[str, Any] = {"ruleName": "x", "state": "alerting", "ruleUrl": url}
    return grafana.parse(json.dumps(body).encode(), {}, received_at=NOW).readings[0]


def test_no_severity_is_critical_by_default() -> None:
    """Only the sender's own word makes it so."""
    for kind in registry.KINDS:
        for path in bodies(OURS / kind):
            for reading in parse(kind, path).readings:
                assert reading.severity != "critical" or reading.severity_raw, path
