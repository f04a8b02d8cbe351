"""Grafana's webhook: unified alerting (since version 9 the only one), and the legacy alerts of dashboards before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from incidents.alerts.sources import alertmanager, documents
from incidents.alerts.sources.documents import Unreadable, at, gathered, load, refused, shown, text, texts, what, word
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line

BLIND = {"DatasourceNoData": "no data", "DatasourceError": "its query fails"}
TEST_RECEIVERS = {"test", "testreceiver"}
# The label `priority` stands in where nobody wrote a `severity`.
PRIORITIES = {
    **alertmanager.SEVERITIES,
    "p2": Severity.HIGH,
    "p3": Severity.MEDIUM,
    **dict.fromkeys(("p4", "p5"), Severity.LOW),
}
LEGACY = {
    **dict.fromkeys(("alerting", "alert"), State.FIRING),
    "ok": State.RESOLVED,
    "no_data": State.NO_DATA,
    **dict.fromkeys(("paused", "pending"), State.NOT_AN_ALERT),
}
LEGACY_TEST = "Test notification"


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each alert of a unified message, or one for a legacy message."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    if isinstance(document, list):
        document = {"alerts": document}  # a payload template of the user's own that lists the alerts
    if not isinstance(document, dict):
        return refused(f"the body is {what(document)}; Grafana sends an object")
    alerts = document.get("alerts")
    if alerts is None and ("ruleName" in document or "ruleId" in document):
        read = _legacy(document)
        return gathered([read])
    if not isinstance(alerts, list):
        missing = "no `alerts` list and no `ruleName`" if alerts is None else f"`alerts` is {what(alerts)}, not a list"
        return refused(f"{missing}: this is not a whole message of Grafana's")
    if not alerts:
        return refused("the list of alerts is empty")
    return gathered(
        [_unified(index, alert, document, received_at) for index, alert in enumerate(alerts)],
        *alertmanager.cut_off(document),
    )


def config_snippet(hook_url: str) -> str:
    """A contact point and the policy that sends everything to it, as a provisioning file."""
    return (
        "apiVersion: 1\n"
        "contactPoints:\n"
        "  - orgId: 1\n"
        "    name: seamline\n"
        "    receivers:\n"
        "      - uid: seamline\n"
        "        type: webhook\n"
        "        disableResolveMessage: false\n"
        "        settings:\n"
        f"          url: {hook_url}\n"
        "policies:\n"
        "  - orgId: 1\n"
        "    receiver: seamline\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A unified message with one alert."""
    resolved = state is State.RESOLVED
    status = "resolved" if resolved else "firing"
    labels = {"alertname": "SeamlineTest", "grafana_folder": "Seamline", "severity": "info"}
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": title, "description": "Sent by the test button; nothing is wrong."},
        "startsAt": started_at.isoformat(),
        "endsAt": at.isoformat() if resolved else "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": key,
        "values": None,
        "valueString": "",
    }
    group = {"receiver": "seamline", "status": status, "orgId": 1, "version": "1", "groupKey": "{}:{}"}
    told = {"title": title, "state": "ok" if resolved else "alerting", "message": title, "truncatedAlerts": 0}
    return json.dumps({**group, **told, "commonLabels": labels, "alerts": [alert]}).encode()


def _unified(index: int, alert: object, group: Mapping[str, Any], received_at: datetime) -> Reading | Rejection:
    """Alertmanager's reading, and what Grafana adds to it."""
    read = alertmanager.read_alert(index, alert, group, received_at)
    if isinstance(read, Rejection) or not isinstance(alert, dict):
        return read
    if _is_test(read.labels, group):
        read = replace(read, state=State.NOT_AN_ALERT)
    annotations = texts(alert.get("annotations")) or texts(group.get("commonAnnotations"))
    read = replace(
        read,
        summary=read.summary or text(alert.get("valueString")),
        links=documents.links(
            ("Runbook", annotations.get("runbook_url")),
            ("Dashboard", alert.get("dashboardURL")),
            ("Panel", alert.get("panelURL")),
            ("Rule", alert.get("generatorURL")),
            ("Silence it", alert.get("silenceURL")),
            ("Picture", alert.get("imageURL")),
            ("Grafana", group.get("externalURL")),
        ),
    )
    priority = read.labels.get("priority", "")
    if not read.severity_raw and priority:
        severity = PRIORITIES.get(priority.strip().lower(), read.severity)
        read = replace(read, severity=severity, severity_raw=line(priority, 120))
    return _blind(read, annotations)


def _blind(read: Reading, annotations: Mapping[str, str]) -> Reading:
    """DatasourceNoData and DatasourceError stand in for the rule's own alert: it cannot see, which is no resolve."""
    why = BLIND.get(read.labels.get("alertname", ""))
    if why is None:
        return read
    rule = read.labels.get("rulename", "").strip()
    title = read.title if annotations.get("summary") or not rule else f"{rule}: {why}"
    state = State.NO_DATA if read.state is State.FIRING else read.state
    return replace(read, state=state, title=line(title), name=line(rule) or read.name)


def _is_test(labels: Mapping[str, str], group: Mapping[str, Any]) -> bool:
    """The button “Test” of a contact point."""
    if labels.get("alertname") != "TestAlert":
        return False
    by_group = word(group.get("receiver")) in TEST_RECEIVERS or word(group.get("groupKey")).startswith("test-")
    return by_group or labels.get("instance") == "Grafana"


def _legacy(document: Mapping[str, Any]) -> Reading | Rejection:
    said = document.get("state")
    state = LEGACY.get(word(said))
    if state is None:
        return Rejection(f"its state is {shown(said)}, none of {', '.join(LEGACY)}")
    name = line(text(document.get("ruleName"))) or "Alert without a name"
    rule = text(document.get("ruleId"))
    if name == LEGACY_TEST:
        state = State.NOT_AN_ALERT
    org = text(document.get("orgId"))
    places = {place: text(document.get(place)) for place in ("dashboardId", "panelId")}
    return Reading(
        problem_key=documents.key(f"org:{org}" if org else "", f"rule:{rule or name}", *places.values()),
        state=state,
        title=name,
        name=name,
        summary=text(document.get("message")) or _matches(document),
        labels={**texts(document.get("tags")), "rulename": name},
        links=documents.links(("Rule", document.get("ruleUrl")), ("Picture", document.get("imageUrl"))),
    )


def _matches(document: Mapping[str, Any]) -> str:
    """What crossed the threshold, where nobody wrote a message."""
    matches = documents.objects(document.get("evalMatches"))[:10]
    return ", ".join(f"{text(at(one, 'metric')) or 'value'} is {text(at(one, 'value'))}" for one in matches)
