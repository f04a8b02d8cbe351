"""PagerDuty's Events API v2, as its clients send it: one event a request, told apart by `event_action`.

Events of its version 1 say the same in other words. PagerDuty's own webhooks come to the same hook, see
pagerduty_webhooks.py. The routing key in the body is the sender's secret, so nothing that is read from an event may
hold it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents, pagerduty_changes, pagerduty_webhooks
from incidents.alerts.sources.documents import Unreadable, at, gathered, load, objects, refused, shown, text, what, word
from incidents.alerts.sources.reading import (
    TITLE_LENGTH,
    Link,
    Parsed,
    Reading,
    Rejection,
    Severity,
    State,
    line,
)
from incidents.alerts.sources.times import moment

ACTIONS = {"trigger": State.FIRING, "acknowledge": State.ACKNOWLEDGED, "resolve": State.RESOLVED}
SEVERITIES = {
    "critical": Severity.CRITICAL,
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.LOW,
}
SECRETS = ("routing_key", "service_key", "integration_key")
SHORTEST_SECRET = 8  # a shorter one would black out ordinary words


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for an event, or those of a webhook; a change event is not an alert, but a change."""
    try:
        event = load(body)
    except Unreadable as error:
        return refused(str(error))
    if not isinstance(event, dict):
        return refused(f"the body is {what(event)}; the Events API takes one event, an object")
    if pagerduty_webhooks.is_one(event):
        return gathered(pagerduty_webhooks.read(event, received_at=received_at))
    secrets = [text(event.get(name)) for name in SECRETS]
    if "event_type" in event and event.get("event_action") is None:
        event = _as_version_2(event)
    changed = is_change(event)
    read = _change(event, body, received_at) if changed else _event(event, body, received_at)
    read = _without(read, [one for one in secrets if len(one) >= SHORTEST_SECRET])
    told = (pagerduty_changes.told(read),) if changed and isinstance(read, Reading) else ()
    return replace(gathered([read]), changes=told)


def is_change(event: Mapping[str, Any]) -> bool:
    """A change event has a payload and no action."""
    return "event_action" not in event and isinstance(event.get("payload"), dict) and "dedup_key" not in event


def dedup_key(event: Mapping[str, Any], body: bytes) -> str:
    """The event's key. A trigger without one gets one made of its bytes, so that the same request again is the same
    problem, where PagerDuty would make a new one."""
    return text(event.get("dedup_key")).strip() or documents.digest(body)


def faults(event: object, *, change: bool = False, keyed: bool = True) -> list[str]:
    """What PagerDuty itself would refuse the event for, in its words; what can be read anyway is left alone."""
    if not isinstance(event, dict):
        return ["Event object format is unrecognized"]
    found = [] if keyed else ["'routing_key' is missing or blank"]
    summary = text(at(event, "payload", "summary")).strip()
    if change:
        found += [] if summary else ["'payload.summary' is missing or blank"]
        return [*found, "'event_action' is not part of a change event"] if "event_action" in event else found
    action = event.get("event_action")
    if word(action) not in ACTIONS:
        known = "must be one of the following: 'trigger', 'acknowledge' or 'resolve'"
        found.append(f"'event_action' is {f'invalid ({known})' if action else 'missing or blank'}")
    elif word(action) == "trigger" and not summary:
        found.append("'payload.summary' is missing or blank")
    elif word(action) != "trigger" and not text(event.get("dedup_key")).strip():
        found.append("'dedup_key' is missing or blank")
    return found


def config_snippet(hook_url: str) -> str:
    """For clients of the Events API (another host, the key as routing key), and for the hook itself."""
    host, _, rest = hook_url.partition("/hooks/")
    routing_key = rest.strip("/").partition("/")[2] or "THE-KEY"
    return (
        "# In your client\n"
        f"host:        {host}\n"
        f"address:     {host}/v2/enqueue\n"
        f"routing key: {routing_key}\n"
        "\n"
        "# For example\n"
        f"curl -X POST {host}/v2/enqueue -H 'Content-Type: application/json' -d '{{\n"
        f'  "routing_key": "{routing_key}", "event_action": "trigger", "dedup_key": "checkout-latency",\n'
        '  "payload": {"summary": "Checkout answers slowly", "source": "web-1", "severity": "error",\n'
        '              "component": "checkout"}\n'
        "}'\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A trigger or a resolve."""
    event: dict[str, Any] = {"event_action": "trigger", "dedup_key": key}
    if state is State.RESOLVED:
        event["event_action"] = "resolve"
    event["payload"] = {
        "summary": title,
        "source": "seamline",
        "severity": "info",
        "timestamp": at.isoformat(),
        "class": "SeamlineTest",
    }
    return json.dumps(event).encode()


def _as_version_2(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of version 1, under the names of version 2."""
    contexts = objects(event.get("contexts"))
    return {
        "event_action": event["event_type"],
        "dedup_key": event.get("incident_key"),
        "payload": {"summary": event.get("description"), "custom_details": event.get("details")},
        "client": event.get("client"),
        "client_url": event.get("client_url"),
        "links": [one for one in contexts if one.get("type") == "link"],
        "images": [one for one in contexts if one.get("type") == "image"],
    }


def _event(event: Mapping[str, Any], body: bytes, received_at: datetime) -> Reading | Rejection:
    action = event.get("event_action")
    state = ACTIONS.get(word(action))
    if state is None:
        missing = "there is no event_action" if action is None else f"its event_action is {shown(action)}"
        return Rejection(f"{missing}; it must be trigger, acknowledge or resolve")
    payload: Mapping[str, Any] = event["payload"] if isinstance(event.get("payload"), dict) else {}
    given = text(event.get("dedup_key")).strip()
    if not given and state is not State.FIRING:
        return Rejection(f"it has no dedup_key, so nothing tells which problem it would {word(action)}")
    said = text(at(payload, "summary")).strip()
    title = line(said)
    if not title and state is State.FIRING:
        return Rejection("its payload has no summary, so nothing tells what is wrong")
    severity_raw = line(text(at(payload, "severity")), 120)
    return Reading(
        problem_key=documents.key(dedup_key(event, body)),
        state=state,
        title=title or line(given),
        name=line(text(at(payload, "class"))) or title or line(given),
        severity=SEVERITIES.get(severity_raw.lower(), Severity.UNKNOWN),
        severity_raw=severity_raw,
        summary=_details(at(payload, "custom_details")) or (said if len(said) > TITLE_LENGTH else ""),
        labels=_labels(event, payload),
        links=_links(event),
        event_time=moment(at(payload, "timestamp"), received_at=received_at),
    )


def _change(event: Mapping[str, Any], body: bytes, received_at: datetime) -> Reading | Rejection:
    payload = event["payload"]
    said = text(payload.get("summary")).strip()
    title = line(said)
    if not title:
        return Rejection("its payload has no summary, so nothing tells what changed")
    return Reading(
        problem_key=f"change {documents.digest(body)}",
        state=State.NOT_AN_ALERT,
        title=title,
        name="change",
        summary=_details(payload.get("custom_details")) or (said if len(said) > TITLE_LENGTH else ""),
        labels=_labels(event, payload),
        links=_links(event),
        event_time=moment(payload.get("timestamp"), received_at=received_at),
    )


def _labels(event: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, str]:
    """The details that are single values, under what the payload says by itself."""
    details = payload.get("custom_details")
    details = details if isinstance(details, dict) else {}
    flat = {name: value for name, value in details.items() if not isinstance(value, (dict, list))}
    own = {name: payload[name] for name in ("source", "component", "group", "class") if payload.get(name) is not None}
    told = documents.said({**flat, **own, "client": event.get("client")})
    return {line(name, 120): value for name, value in told.items() if name.lower() not in SECRETS}


def _details(details: object) -> str:
    """The text of the details, as far as there is one."""
    if isinstance(details, str):
        return text(details)
    for name in ("description", "message", "details", "body", "summary"):
        said = at(details, name)
        if isinstance(said, str) and said.strip():
            return text(said)
    return ""


def _links(event: Mapping[str, Any]) -> tuple[Link, ...]:
    offered = [("Sender", event.get("client_url"))]
    offered += [(line(text(one.get("text")), 80) or "Link", one.get("href")) for one in objects(event.get("links"))]
    for one in objects(event.get("images")):
        alt = line(text(one.get("alt")), 80)
        offered += [(alt or "Picture", one.get("src")), (alt or "Picture's page", one.get("href"))]
    return documents.links(*offered)


def _without(read: Reading | Rejection, secrets: list[str]) -> Reading | Rejection:
    """The same without the routing key, wherever a client may have put it a second time."""
    if not secrets:
        return read
    if isinstance(read, Rejection):
        return replace(read, reason=_hidden(read.reason, secrets))
    links = (Link(_hidden(one.label, secrets), _hidden(one.url, secrets)) for one in read.links)
    return replace(
        read,
        problem_key=_hidden(read.problem_key, secrets),
        title=_hidden(read.title, secrets),
        name=_hidden(read.name, secrets),
        summary=_hidden(read.summary, secrets),
        severity_raw=_hidden(read.severity_raw, secrets),
        labels=dict(_hidden_labels(read.labels, secrets)),
        links=tuple(links),
    )


def _hidden_labels(labels: Mapping[str, str], secrets: list[str]) -> Iterator[tuple[str, str]]:
    for name, value in labels.items():
        yield _hidden(name, secrets), _hidden(value, secrets)


def _hidden(said: str, secrets: list[str]) -> str:
    for secret in secrets:
        said = said.replace(secret, "…")
    return said
