"""Prometheus Alertmanager's webhook, version 4, and the older and hand-made bodies that are close to it.

One request carries all alerts of a group each time it changes, each with its own status. `truncatedAlerts` above zero
means that some were cut off: an alert that is absent has not resolved. A bare list of alerts is what Prometheus itself
posts to an Alertmanager: there nothing but the end tells whether an alert still fires.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from incidents.alerts.sources.documents import (
    Unreadable,
    gathered,
    links,
    load,
    refused,
    shown,
    texts,
    unwrapped,
    what,
    word,
)
from incidents.alerts.sources.reading import Link, Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

SEVERITIES = {
    **dict.fromkeys(("critical", "p0", "p1"), Severity.CRITICAL),
    **dict.fromkeys(("high", "error"), Severity.HIGH),
    **dict.fromkeys(("warning", "warn", "medium"), Severity.MEDIUM),
    **dict.fromkeys(("info", "none", "low"), Severity.LOW),
}
STATES = {"firing": State.FIRING, "resolved": State.RESOLVED}
PLACES = ("instance", "host", "pod", "job")  # what an alert without a summary happened on
KEY_LENGTH = 200


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each alert of the batch; `received_at` decides whether an `endsAt` lies in the past."""
    try:
        document = unwrapped(load(body))  # its own receiver for SNS can send JSON
    except Unreadable as error:
        return refused(str(error))
    if isinstance(document, list) and any(isinstance(one, dict) for one in document):
        document = {"alerts": document}
    if document == []:
        return refused("the list of alerts is empty")
    if not isinstance(document, dict):
        return refused(f"the body is {what(document)}; Alertmanager sends an object with a list of alerts")
    alerts = document.get("alerts")
    if not isinstance(alerts, list):
        missing = "no `alerts` list" if alerts is None else f"`alerts` is {what(alerts)}, not a list"
        return refused(f"{missing}: this is not a whole Alertmanager message")
    if not alerts:
        return gathered([Rejection("the list of alerts is empty")], *cut_off(document))
    read = [read_alert(index, alert, document, received_at) for index, alert in enumerate(alerts)]
    return gathered(read, *cut_off(document))


def config_snippet(hook_url: str) -> str:
    """A receiver for alertmanager.yml, and the route that sends everything to it."""
    return (
        "route:\n"
        "  receiver: seamline\n"
        "receivers:\n"
        "  - name: seamline\n"
        "    webhook_configs:\n"
        f"      - url: {hook_url}\n"
        "        send_resolved: true\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A batch of one alert."""
    resolved = state is State.RESOLVED
    status = "resolved" if resolved else "firing"
    labels = {"alertname": "SeamlineTest", "severity": "info"}
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": title, "description": "Sent by the test button; nothing is wrong."},
        "startsAt": started_at.isoformat(),
        "endsAt": at.isoformat() if resolved else "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": key,
    }
    group = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "seamline"}
    return json.dumps({**group, "groupLabels": {}, "commonLabels": labels, "alerts": [alert]}).encode()


def read_alert(index: int, alert: object, group: Mapping[str, Any], received_at: datetime) -> Reading | Rejection:
    """One alert of the batch, with its own state; what it leaves out is taken from its group."""
    if not isinstance(alert, dict):
        return Rejection(f"{what(alert)} is not an alert", index)
    own = texts(alert.get("labels"))
    labels = own or texts(group.get("commonLabels"))
    annotations = texts(alert.get("annotations")) or texts(group.get("commonAnnotations"))
    fingerprint = alert.get("fingerprint")
    key = line(fingerprint, KEY_LENGTH) if isinstance(fingerprint, str) else ""
    if not own and len(group.get("alerts") or ()) == 1:
        own = labels  # what all alerts have in common is all that a single one has
    if not key and not own:
        return Rejection("it has neither a fingerprint nor labels, so nothing tells which problem it is", index)
    ends_at = moment(alert.get("endsAt"), received_at=received_at)
    state = _state(alert, group, ends_at, received_at)
    if isinstance(state, str) and not isinstance(state, State):
        return Rejection(state, index)
    started_at = moment(alert.get("startsAt"), received_at=received_at)
    severity_raw = line(labels.get("severity", ""), 120)
    title = _title(labels, annotations)
    return Reading(
        problem_key=key or fingerprint_of(own),
        state=State(state),
        title=title,
        name=line(labels.get("alertname") or title),
        severity=SEVERITIES.get(severity_raw.lower(), Severity.UNKNOWN),
        severity_raw=severity_raw,
        summary=annotations.get("description") or annotations.get("message") or annotations.get("summary", ""),
        labels=labels,
        links=_links(alert, annotations, group),
        event_time=ends_at if state == State.RESOLVED else started_at,
        started_at=started_at,
    )


def _state(alert: Mapping[str, Any], group: Mapping[str, Any], ends_at: datetime | None, now: datetime) -> State | str:
    """The alert's own state; bodies older than v4 have none: then its end tells, then the group's, then that it began.
    Else a reason."""
    status = alert.get("status")
    if status is None:
        if ends_at is not None and ends_at <= now:
            return State.RESOLVED
        status = group.get("status")
        if status is None and moment(alert.get("startsAt"), received_at=now):
            return State.FIRING
        if status is None:
            return "neither it nor its group has a status"
    known = STATES.get(status.strip().lower()) if isinstance(status, str) else None
    return known or f"its status is {shown(status)}, neither firing nor resolved"


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Alertmanager's own fingerprint of a label set (64-bit FNV-1a), so that it joins with senders that give it."""
    digest = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in b"%b\xff%b\xff" % (name.encode(), labels[name].encode()):
            digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def _title(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """The summary as its author wrote it, else the alert's name and what it happened on."""
    written = line(annotations.get("summary", "")) or line(annotations.get("title", ""))
    if written:
        return written
    name = labels.get("alertname", "").strip()
    if not name:
        return line(annotations.get("message") or annotations.get("description") or "Alert without a name")
    place = next((labels[place] for place in PLACES if labels.get(place)), "")
    return line(f"{name} on {place}" if place else name)


def _links(alert: Mapping[str, Any], annotations: Mapping[str, str], group: Mapping[str, Any]) -> tuple[Link, ...]:
    return links(
        ("Runbook", annotations.get("runbook_url") or annotations.get("runbook")),
        ("Dashboard", annotations.get("dashboard_url") or annotations.get("dashboard")),
        ("Graph", alert.get("generatorURL")),
        ("Alertmanager", group.get("externalURL")),
    )


def cut_off(document: Mapping[str, Any]) -> Iterator[Rejection]:
    """What the sender left out of the batch. Some senders write the count as 0.0, or as a text."""
    count = word(document.get("truncatedAlerts"))
    if count.isdecimal() and int(count) > 0:
        yield Rejection(f"the sender cut off {count} more alerts of this group; raise max_alerts in its configuration")
