"""Grafana's webhook: unified alerting (since version 9 the only one), and the legacy alerts of dashboards before it.

The outgoing webhooks of Grafana OnCall are read too: they tell of a group of alerts, which people acknowledge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from incidents.alerts.sources import alertmanager, documents
from incidents.alerts.sources.documents import (
    Unreadable,
    at,
    gathered,
    load,
    refused,
    shown,
    text,
    texts,
    unwrapped,
    what,
    word,
)
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

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
# What OnCall calls the states of a group; who silences one has seen it.
ONCALL = {
    **dict.fromkeys(("new", "firing", "alerting"), State.FIRING),
    **dict.fromkeys(("acknowledged", "silenced"), State.ACKNOWLEDGED),
    "resolved": State.RESOLVED,
}
REASON = "grafana_state_reason"  # of an alert that fires for want of data, or ends because its rule was deleted
LEGACY_TEST = "Test notification"
_MARK = re.compile(r"\s{0,9}\[([^\[\]]{1,40})\]")  # of a title: [Alerting], [OK], [No Data]


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each alert of a unified message, or one for a legacy message."""
    try:
        document = unwrapped(load(body))  # its own contact point for SNS can send JSON
    except Unreadable as error:
        return refused(str(error))
    if isinstance(document, list):
        document = {"alerts": document}  # a payload template of the user's own that lists the alerts
    if not isinstance(document, dict):
        return refused(f"the body is {what(document)}; Grafana sends an object")
    alerts = document.get("alerts")
    if alerts is None and ("ruleName" in document or "ruleId" in document or "alert_group" in document):
        return gathered([_group(document, received_at) if "alert_group" in document else _legacy(document)])
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
    reason = annotations.get(REASON, "").strip()
    error = annotations.get("Error", "") if read.labels.get("alertname") in BLIND else ""
    told = (read.summary or text(alert.get("valueString")), error, f"Grafana's reason: {reason}" if reason else "")
    read = replace(
        read,
        summary="\n".join(part for part in told if part),
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
    mark = _MARK.match(text(document.get("title"))) if said is None else None
    state = LEGACY.get(word(mark[1] if mark else said).replace(" ", "_"))
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
    matches = [one for one in documents.objects(document.get("evalMatches"))[:10] if one.get("value") is not None]
    names = (text(at(one, "metric")).strip() for one in matches)  # `{}` is a series without labels
    told = zip(names, matches, strict=True)
    return ", ".join(f"{name if name.strip('{}') else 'value'} is {text(at(one, 'value'))}" for name, one in told)


def _group(document: Mapping[str, Any], received_at: datetime) -> Reading | Rejection:
    """OnCall's group of alerts: its own state counts, whatever it was that OnCall told this time."""
    event = document.get("event")
    group: Mapping[str, Any] = document["alert_group"] if isinstance(document["alert_group"], dict) else {}
    said = group.get("state")
    state = ONCALL.get(word(said))
    if state is None:
        return Rejection(f"the state of its alert group is {shown(said)}, none of {', '.join(ONCALL)}")
    key = documents.first(group.get("id"), document.get("alert_group_id"))
    if not key:
        return Rejection("its alert group has no id, so nothing tells which problem it is")
    began = moment(group.get("created_at"), received_at=received_at)
    changed = {State.ACKNOWLEDGED: "acknowledged_at", State.RESOLVED: "resolved_at"}.get(state, "created_at")
    told_at = moment(at(event, "time"), received_at=received_at) or moment(group.get(changed), received_at=received_at)
    integration = text(at(document, "integration", "name")).strip()
    title = line(text(group.get("title"))) or line(f"Alert group of {integration}" if integration else "Alert group")
    named = {"integration": integration, "team": at(document, "integration", "team")}
    return Reading(
        problem_key=documents.key("alert-group", key),
        state=state,
        title=title,
        name=title,
        labels=documents.said({**texts(group.get("labels")), **named}),
        links=documents.links(("OnCall", at(group, "permalinks", "web"))),
        event_time=told_at or began,
        started_at=began,
    )
