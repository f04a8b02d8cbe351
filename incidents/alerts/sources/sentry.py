"""Sentry's integration platform: alerts on events, issues and metrics; `Sentry-Hook-Resource` says which it is.

An event alert has no end of its own; its issue's `resolved` ends it, so both have the issue's id as their key. Bodies
hold stack frames with source code and local variables: none of that is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, at, first, gathered, load, refused, shown, text, what, word
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import epoch, moment, utc

RESOURCE, REQUEST, SENT = "sentry-hook-resource", "request-id", "sentry-hook-timestamp"
LEVELS = {
    "fatal": Severity.CRITICAL,
    "critical": Severity.CRITICAL,
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.LOW,
    "debug": Severity.LOW,
}
ISSUE_STATES = {
    **dict.fromkeys(("created", "unresolved"), State.FIRING),
    **dict.fromkeys(("assigned", "archived", "ignored"), State.ACKNOWLEDGED),  # somebody has seen it
    "resolved": State.RESOLVED,
}
STATUSES = {"ignored": State.ACKNOWLEDGED, "resolved": State.RESOLVED}  # of an issue; else it is unresolved
METRIC_STATES = {"critical": State.FIRING, "warning": State.FIRING, "resolved": State.RESOLVED}
OTHERS = ("installation", "error", "comment", "seer", "preprod_artifact", "size_analysis")  # told, but no alert
_ISSUE_IN_URL = re.compile(r"/issues/(\d{1,20})(?:[/?#]|$)", re.ASCII)
_PERSONAL = re.compile(r"(?i)^(?:user|sentry:user|email|ip|ip_address|username|url|transaction\.url)(?:$|\.)")


class _Hook:
    """What the headers say: which message this is, and when it was sent."""

    def __init__(self, headers: Mapping[str, str], received_at: datetime) -> None:
        self.delivery_key = documents.key(headers.get(REQUEST)) or None
        self.sent_at = epoch(headers.get(SENT), received_at=received_at)
        self.received_at = received_at

    def time(self, value: object) -> datetime | None:
        return moment(value, received_at=self.received_at) or utc(value)  # Sentry's times are UTC, zone or not


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for a message; installations, comments and the like are not alerts."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    if not isinstance(document, dict):
        return refused(f"the body is {what(document)}; Sentry sends an object")
    resource = word(headers.get(RESOURCE)) or _resource(document)
    hook = _Hook(headers, received_at)
    if resource in READERS:
        return gathered([READERS[resource](document, hook)])
    if resource and (resource in OTHERS or RESOURCE in headers):
        return gathered([_other(resource, document, hook)])
    return refused("it has neither an event, an issue nor a metric alert: this is no message of Sentry's that is known")


def config_snippet(hook_url: str) -> str:
    """What to enter for an internal integration."""
    return (
        "# Settings → Developer Settings → New Internal Integration\n"
        "Name: Seamline\n"
        f"Webhook URL: {hook_url}\n"
        "Alert Rule Action: on\n"
        "Permissions: Issue & Event → Read\n"
        "Webhooks: issue\n"
        "# Then in each alert rule → Perform these actions: Send a notification via Seamline\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A metric alert."""
    resolved = state is State.RESOLVED
    alert = {
        "id": key,
        "title": title,
        "date_started": started_at.isoformat(),
        "date_closed": at.isoformat() if resolved else None,
        "alert_rule": {"name": "SeamlineTest"},
    }
    data = {"metric_alert": alert, "description_text": "Sent by the test button; nothing is wrong."}
    return json.dumps({"action": "resolved" if resolved else "warning", "data": data}).encode()


def _resource(document: Mapping[str, Any]) -> str:
    """Which resource a body without the header is of."""
    for name, place in (("metric_alert", "metric_alert"), ("issue", "issue"), ("event_alert", "event")):
        if isinstance(at(document, "data", place), dict):
            return name
    if isinstance(document.get("event"), dict) or ("project_name" in document and "culprit" in document):
        return "plugin"
    data = document.get("data")
    return next((name for name in OTHERS if isinstance(data, dict) and name in data), "")


def _event_alert(document: Mapping[str, Any], hook: _Hook) -> Reading | Rejection:
    """A rule on events matched; it says so again for each event that matches."""
    event = at(document, "data", "event")
    if not isinstance(event, dict):
        return Rejection("it is an event alert without `data.event`")
    key = _issue_of(event)
    if not key:
        return Rejection("its event names no issue, so nothing tells which problem it is")
    tags = _tags(event.get("tags"))
    rule = text(at(document, "data", "triggered_rule"))
    title, level = _title(event), line(first(event.get("level"), tags.get("level")), 120)
    return Reading(
        problem_key=documents.key(key),
        delivery_key=hook.delivery_key,
        state=State.FIRING,
        title=title,
        name=title,
        severity=LEVELS.get(level.lower(), Severity.UNKNOWN),
        severity_raw=level,
        summary=_summary(event, title),
        labels=documents.said({**tags, "rule": rule, "platform": event.get("platform"), **_project(event)}),
        links=documents.links(("Sentry", event.get("web_url")), ("Issue", _page(event))),
        event_time=hook.time(event.get("datetime"))
        or hook.time(event.get("timestamp"))
        or hook.time(event.get("received")),
    )


def _issue(document: Mapping[str, Any], hook: _Hook) -> Reading | Rejection:
    """Something happened to an issue. Only its creation has a time of its own, for the rest the header has it."""
    issue, action = at(document, "data", "issue"), document.get("action")
    if not isinstance(issue, dict):
        return Rejection("it is an issue's message without `data.issue`")
    state = ISSUE_STATES.get(word(action))
    if word(action) == "triggered":  # an alert on what happened to the issue
        state = STATUSES.get(word(issue.get("status")), State.FIRING)
    if state is None:
        return Rejection(f"its action is {shown(action)}, none of {', '.join(ISSUE_STATES)}")
    key = first(issue.get("id"), issue.get("shortId"))
    if not key:
        return Rejection("its issue has no id, so nothing tells which problem it is")
    began = hook.time(issue.get("firstSeen")) if word(action) == "created" else None
    title, level = _title(issue), line(text(issue.get("level")), 120)
    own = {"issue": issue.get("shortId"), "platform": issue.get("platform"), **_project(issue)}
    return Reading(
        problem_key=documents.key(key),
        delivery_key=hook.delivery_key,
        state=state,
        title=title,
        name=title,
        severity=LEVELS.get(level.lower(), Severity.UNKNOWN),
        severity_raw=level,
        summary=_summary(issue, title),
        labels=documents.said(own),
        links=documents.links(("Sentry", issue.get("web_url")), ("Sentry", issue.get("permalink"))),
        event_time=began or hook.sent_at,
        started_at=began,
    )


def _metric_alert(document: Mapping[str, Any], hook: _Hook) -> Reading | Rejection:
    """A metric crossed a threshold, or came back. `date_closed` may be null although it is over."""
    alert, action = at(document, "data", "metric_alert"), word(document.get("action"))
    if not isinstance(alert, dict):
        return Rejection("it is a metric alert without `data.metric_alert`")
    state = METRIC_STATES.get(action)
    if state is None:
        return Rejection(f"its action is {shown(document.get('action'))}, none of {', '.join(METRIC_STATES)}")
    key = first(alert.get("id"), alert.get("identifier"))
    if not key:
        return Rejection("its metric alert has no id, so nothing tells which problem it is")
    rule = at(alert, "alert_rule")
    name = line(first(at(rule, "name"), alert.get("title"))) or "Metric alert"
    dates = (alert.get(place) for place in ("date_started", "date_detected", "date_created"))
    began = next((found for found in map(hook.time, dates) if found), None)
    ended = hook.time(alert.get("date_closed")) or hook.sent_at
    said = at(document, "data", "description_text")
    projects = alert.get("projects")
    labels = {
        "rule": name,
        "aggregate": at(rule, "aggregate"),
        "query": at(rule, "query"),
        "environment": at(rule, "environment"),
        "project": ", ".join(text(one) for one in projects[:20]) if isinstance(projects, list) else None,
    }
    return Reading(
        problem_key=documents.key(f"metric-alert:{key}"),  # issues are numbered too
        delivery_key=hook.delivery_key,
        state=state,
        title=line(first(alert.get("title"), name)),
        name=name,
        severity=LEVELS.get(action, Severity.UNKNOWN),
        severity_raw="" if state is State.RESOLVED else action,
        summary=text(said),
        labels=documents.said(labels),
        links=documents.links(("Sentry", at(document, "data", "web_url"))),
        event_time=ended if state is State.RESOLVED else began or hook.sent_at,
        started_at=began,
    )


def _plugin(document: Mapping[str, Any], hook: _Hook) -> Reading | Rejection:
    """The legacy webhooks plugin: the issue's id and the event at the top."""
    event = document["event"] if isinstance(document.get("event"), dict) else {}
    key = first(document.get("id"), _issue_of({**event, "url": document.get("url")}))
    if not key:
        return Rejection("it names no issue, so nothing tells which problem it is")
    title, level = _title(event, document), line(first(document.get("level"), event.get("level")), 120)
    tags = _tags(event.get("tags"))
    project = {"project": first(document.get("project_slug"), document.get("project"), document.get("project_name"))}
    return Reading(
        problem_key=documents.key(key),
        delivery_key=hook.delivery_key or documents.key(first(event.get("event_id"), event.get("id"))) or None,
        state=State.FIRING,
        title=title,
        name=title,
        severity=LEVELS.get(level.lower(), Severity.UNKNOWN),
        severity_raw=level,
        summary=_summary({**event, "culprit": first(document.get("culprit"), event.get("culprit"))}, title),
        labels=documents.said({**tags, "platform": event.get("platform"), **project}),
        links=documents.links(("Sentry", document.get("url"))),
        event_time=hook.time(event.get("datetime"))
        or hook.time(event.get("timestamp"))
        or hook.time(event.get("received")),
    )


def _other(resource: str, document: Mapping[str, Any], hook: _Hook) -> Reading:
    """Told by Sentry, but nothing that fires."""
    action = line(text(document.get("action")), 60)
    error = at(document, "data", "error")
    title = _title(error) if isinstance(error, dict) else ""
    return Reading(
        problem_key=documents.key(resource, at(document, "installation", "uuid")),
        delivery_key=hook.delivery_key,
        state=State.NOT_AN_ALERT,
        title=line(f"{resource} {action}".strip() + (f": {title}" if title else "")),
        name=line(resource),
        event_time=hook.sent_at,
    )


READERS: dict[str, Callable[[Mapping[str, Any], _Hook], Reading | Rejection]] = {
    "event_alert": _event_alert,
    "issue": _issue,
    "activity_alert": _issue,
    "metric_alert": _metric_alert,
    "plugin": _plugin,
}


def _issue_of(event: Mapping[str, Any]) -> str:
    """The id of the event's issue: its own field, or the number in one of the event's addresses."""
    own = first(event.get("issue_id"), event.get("groupID"), event.get("group_id"))
    if own:
        return own
    for place in ("issue_url", "web_url", "url"):
        found = _ISSUE_IN_URL.search(text(event.get(place)))
        if found:
            return found[1]
    return ""


def _page(event: Mapping[str, Any]) -> object:
    """The issue's own address, where it is not the one of the API."""
    url = text(event.get("issue_url"))
    return "" if "/api/0/" in url else url


def _title(*things: Mapping[str, Any]) -> str:
    """The title as Sentry shows it."""
    for thing in things:
        metadata = thing.get("metadata")
        named = ": ".join(part for part in (text(at(metadata, "type")), text(at(metadata, "value"))) if part)
        found = line(first(thing.get("title"), at(metadata, "title"), named, thing.get("message")))
        if found:
            return found
    return "Issue without a title"


def _summary(thing: Mapping[str, Any], title: str) -> str:
    """The message, where it says more than the title, and where in the code it came from."""
    message = text(thing.get("message")).strip()
    parts = [message if message != title else "", text(thing.get("culprit")).strip()]
    return "\n".join(part for part in parts if part)


def _project(thing: Mapping[str, Any]) -> dict[str, Any]:
    project = thing.get("project")
    if isinstance(project, dict):
        return {"project": first(project.get("slug"), project.get("name"), project.get("id"))}
    told = {"project": project, "release": thing.get("release"), "environment": thing.get("environment")}
    return {name: value for name, value in told.items() if value}


def _tags(tags: object) -> dict[str, str]:
    """Tags come as pairs, as objects of key and value, or as a map; what tells who the user was is left out."""
    found: dict[str, str] = {}
    pairs = tags.items() if isinstance(tags, dict) else tags if isinstance(tags, list) else ()
    for one in pairs:
        if isinstance(one, dict):
            name, value = one.get("key"), one.get("value")
        elif isinstance(one, (list, tuple)) and len(one) == 2:
            name, value = one
        else:
            continue
        spelled = line(text(name), 120)
        if spelled and not _PERSONAL.match(spelled):
            found.setdefault(spelled, text(value))
    return found
