"""PagerDuty's own webhooks: version 3, and the older ones with a list of messages; read for the kind `pagerduty`.

They tell of PagerDuty's incidents, so the incident's id is the problem. What is done to an incident without a change of
its state (somebody else has it now, its priority is another) says again which state it is in; notes, responders and
events of a sort that is not known are no alerts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import at, first, objects, shown, text, what, word
from incidents.alerts.sources.reading import Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

# The last word of an event's type, as version 3 spells it and as the older ones do.
CHANGES = {
    **dict.fromkeys(("triggered", "trigger", "reopened", "unacknowledged", "unacknowledge"), State.FIRING),
    **dict.fromkeys(("acknowledged", "acknowledge"), State.ACKNOWLEDGED),
    **dict.fromkeys(("resolved", "resolve"), State.RESOLVED),
}
STANDING = ("escalated", "escalate", "delegated", "delegate", "reassigned", "assign", "priority_updated")
STATUSES = {"triggered": State.FIRING, "acknowledged": State.ACKNOWLEDGED, "resolved": State.RESOLVED}
PRIORITIES = {
    **dict.fromkeys(("p1", "sev1", "sev-1"), Severity.CRITICAL),
    **dict.fromkeys(("p2", "sev2", "sev-2"), Severity.HIGH),
    **dict.fromkeys(("p3", "sev3", "sev-3"), Severity.MEDIUM),
    **dict.fromkeys(("p4", "p5", "sev4", "sev-4", "sev5", "sev-5"), Severity.LOW),
}
URGENCIES = {"high": Severity.HIGH, "low": Severity.LOW}


def is_one(document: Mapping[str, Any]) -> bool:
    """Whether this body is a webhook, and no event of the Events API."""
    return isinstance(at(document, "event", "data"), dict) or isinstance(document.get("messages"), list)


def read(document: Mapping[str, Any], *, received_at: datetime) -> Iterator[Reading | Rejection]:
    """The reading of a webhook, or one for each message of an older one."""
    event = document.get("event")
    if isinstance(event, dict):
        yield _event(event, event["data"], text(event.get("event_type")), None, received_at)
        return
    messages = document["messages"]
    if not messages:
        yield Rejection("the list of messages is empty")
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            yield Rejection(f"{what(message)} is not a message", index)
            continue
        incident = message.get("incident") or at(message, "data", "incident")
        kind = first(message.get("event"), message.get("type"))
        if isinstance(incident, dict):
            yield _event(message, incident, kind, index, received_at)
        else:
            yield Rejection(f"its message {shown(kind)} is about no incident", index)


def _event(
    event: Mapping[str, Any], data: Mapping[str, Any], kind: str, index: int | None, received_at: datetime
) -> Reading | Rejection:
    """One event; of a note or a responder the incident is a part, else the data is the incident itself."""
    part = data.get("incident")
    incident: Mapping[str, Any] = part if isinstance(part, dict) else data
    key = first(incident.get("id"), incident.get("incident_key"))
    state = _state(kind, data)
    if state is not State.NOT_AN_ALERT and not key:
        return Rejection("its incident has no id, so nothing tells which problem it is", index)
    severity_raw, severity = _severity(incident)
    told_of = at(incident, "trigger_summary_data")
    names = (incident.get("title"), incident.get("summary"), at(told_of, "subject"), at(told_of, "description"))
    title = (
        line(first(*names, incident.get("description"), incident.get("message")))
        or f"Incident {first(incident.get('number'), key)}"
    )
    said = (event.get("occurred_at"), event.get("created_on"))
    began = (incident.get("created_at"), incident.get("created_on"))
    return Reading(
        problem_key=documents.key(key or kind or "webhook"),
        delivery_key=documents.key(event.get("id")) or None,
        state=state,
        title=line(f"{kind}: {title}") if state is State.NOT_AN_ALERT else title,
        name=line(kind) if state is State.NOT_AN_ALERT else title,
        severity=severity,
        severity_raw=severity_raw,
        summary=text(at(incident, "body", "details")) if isinstance(at(incident, "body", "details"), str) else "",
        labels=documents.said(
            {
                "service": _named(incident.get("service")),
                "escalation_policy": _named(incident.get("escalation_policy")),
                "team": ", ".join(filter(None, (_named(one) for one in objects(incident.get("teams"))[:20]))),
                "urgency": incident.get("urgency"),
                "number": first(incident.get("number"), incident.get("incident_number")),
            }
        ),
        links=documents.links(("PagerDuty", incident.get("html_url"))),
        event_time=_time(said, received_at) or _time(began, received_at),
        started_at=_time(began, received_at),
    )


def _state(kind: str, data: Mapping[str, Any]) -> State:
    """Of a change the new state; where nothing changed what the incident's status says."""
    family, _, action = kind.strip().lower().partition(".")
    if family != "incident" or isinstance(data.get("incident"), dict):
        return State.NOT_AN_ALERT
    if action in STANDING:
        return STATUSES.get(word(data.get("status")), State.NOT_AN_ALERT)
    return CHANGES.get(action, State.NOT_AN_ALERT)


def _severity(incident: Mapping[str, Any]) -> tuple[str, Severity]:
    """The priority where the account has one, else the urgency."""
    priority = line(_named(incident.get("priority")), 120)
    if priority:
        return priority, PRIORITIES.get(priority.lower(), Severity.UNKNOWN)
    urgency = line(text(incident.get("urgency")), 120)
    return urgency, URGENCIES.get(urgency.lower(), Severity.UNKNOWN)


def _named(thing: object) -> str:
    return first(at(thing, "summary"), at(thing, "name"))


def _time(values: tuple[object, ...], received_at: datetime) -> datetime | None:
    return next((found for found in (moment(one, received_at=received_at) for one in values) if found), None)
