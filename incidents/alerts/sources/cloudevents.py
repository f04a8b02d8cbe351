"""CloudEvents 1.0 over HTTP: structured, batched and binary.

The format says who sent which event when, and leaves to the sender what it means. An event is an alert where its data
has a state, as Seamline's own plain JSON has, or where the last part of its type is one (`com.example.disk.resolved`,
`com.example.disk.resolved.v1`). Everything else is taken and is not an alert.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, first, gathered, load, refused, shown, text, what, word
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

REQUIRED = ("specversion", "id", "source", "type")
OWN = {*REQUIRED, "time", "subject", "data", "data_base64", "datacontenttype", "dataschema", "schemaurl"}
STATES = {
    **dict.fromkeys(("firing", "alert", "alerting", "triggered", "trigger", "fired", "problem"), State.FIRING),
    **dict.fromkeys(("open", "opened", "failed", "failure", "fail", "error", "errored", "alarm"), State.FIRING),
    **dict.fromkeys(("raised", "activated", "detected", "reported", "down"), State.FIRING),
    **dict.fromkeys(("acknowledged", "acknowledge"), State.ACKNOWLEDGED),
    **dict.fromkeys(("resolved", "resolve", "ok", "closed", "recovered", "succeeded", "success"), State.RESOLVED),
    **dict.fromkeys(("cleared", "deactivated", "up"), State.RESOLVED),
    **dict.fromkeys(("no_data", "nodata", "insufficient_data"), State.NO_DATA),
    **dict.fromkeys(("not_an_alert", "test"), State.NOT_AN_ALERT),
}
SEVERITIES = {
    **dict.fromkeys(("critical", "fatal", "emergency"), Severity.CRITICAL),
    **dict.fromkeys(("high", "error", "major"), Severity.HIGH),
    **dict.fromkeys(("medium", "warning", "warn", "minor"), Severity.MEDIUM),
    **dict.fromkeys(("low", "info", "debug", "trace", "notice"), Severity.LOW),
}
# At the end of a type these are words of many trades (`pull_request.opened`, `account.closed`): they are a state only
# of something that is a problem by its name.
ANYTHING = {
    "open",
    "opened",
    "closed",
    "raised",
    "activated",
    "deactivated",
    "detected",
    "reported",
    "down",
    "up",
    "ok",
}
ANYTHING |= {"trigger", "resolve", "acknowledge", "success"}
PROBLEMS = {"alert", "alerts", "alarm", "problem", "incident", "monitor", "outage"}
_VERSION = re.compile(r"(?:[./]v?\d{1,9}){1,4}$", re.ASCII)
STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each event. Without headers the body's own shape tells which mode it is."""
    media = text(headers.get("content-type")).partition(";")[0].strip().lower()
    if media.startswith("application/cloudevents") and media not in {STRUCTURED, BATCHED}:
        return refused(f"its content type is {shown(media)}; of the formats of CloudEvents only JSON is read")
    if "ce-specversion" in headers and not media.startswith("application/cloudevents"):
        return gathered([_read(_binary(body, headers, media), None, received_at)])
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    if isinstance(document, list):
        if not document:
            return refused("the batch is empty")
        return gathered([_read(event, index, received_at) for index, event in enumerate(document)])
    return gathered([_read(document, None, received_at)])


def config_snippet(hook_url: str) -> str:
    """One event for the console, in structured mode."""
    return (
        f"curl -X POST {hook_url} \\\n"
        "  -H 'Content-Type: application/cloudevents+json' \\\n"
        "  -d '{\n"
        '    "specversion": "1.0", "id": "1", "source": "/evaluations/answers", "subject": "checkout-bot",\n'
        '    "type": "com.example.evaluation.failed", "time": "2026-01-31T12:00:00Z",\n'
        '    "data": {"title": "Answers are wrong more often", "state": "firing", "severity": "high",\n'
        '             "key": "answers-wrong", "labels": {"service": "checkout-bot"}}\n'
        "  }'\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """An event in structured mode."""
    event = {
        "specversion": "1.0",
        "id": f"{key}-{state.value}",
        "source": "/seamline/test",
        "type": f"io.seamline.test.{state.value}",
        "time": at.isoformat(),
        "data": {
            "key": key,
            "title": title,
            "state": state.value,
            "severity": "low",
            "started_at": started_at.isoformat(),
        },
    }
    return json.dumps(event).encode()


def _binary(body: bytes, headers: Mapping[str, str], media: str) -> dict[str, Any]:
    """The event of a request in binary mode: attributes are headers, percent-encoded; the body is the data."""
    event: dict[str, Any] = {
        name[3:]: unquote(value, errors="replace") for name, value in headers.items() if name.startswith("ce-")
    }
    if body and (not media or media.endswith(("/json", "+json"))):
        try:
            event["data"] = load(body)
        except Unreadable:
            event["data"] = body.decode("utf-8", "replace")
    return event


def _read(event: object, index: int | None, received_at: datetime) -> Reading | Rejection:
    if not isinstance(event, dict):
        return Rejection(f"{what(event)} is not an event", index)
    missing = [name for name in REQUIRED if not text(event.get(name)).strip()]
    if missing:
        told = "this is no CloudEvent" if len(missing) == len(REQUIRED) else "the event is incomplete"
        return Rejection(f"{told}: it has no {' and no '.join(missing)}", index)
    version = text(event["specversion"]).strip()
    if not version.startswith("1.") and version != "0.3":
        return Rejection(f"its specversion is {shown(version)}; 1.0 is read", index)
    data = _data(event)
    labels, annotations = documents.texts(data.get("labels")), documents.texts(data.get("annotations"))
    sort, source, subject = (text(event.get(name)).strip() for name in ("type", "source", "subject"))
    said = first(data.get("state"), data.get("status"), event.get("state"), data.get("alertstate"))
    state = STATES.get(word(said)) or (None if data.get("state") else _ending(sort)[1])
    if state is None and said and word(data.get("state")):
        return Rejection(f"its state is {shown(said)}, which is not known", index)
    graded = (data.get("severity"), event.get("severity"), event.get("severitytext"), labels.get("severity"))
    severity_raw = line(first(*graded), 120)
    identity = f"{source} {text(event['id']).strip()}"
    named = (data.get("title"), data.get("problemtitle"), data.get("summary"), annotations.get("summary"))
    title = line(first(*named, data.get("message"), data.get("alertname"), labels.get("alertname")))
    extensions = {
        name: value for name, value in event.items() if name not in OWN and not isinstance(value, (dict, list))
    }
    own = {"source": source, "type": sort, "subject": subject}
    owners = {name: data.get(name) for name in ("component", "service")}
    return Reading(
        problem_key=documents.key(_problem(event, data, state) or identity),
        delivery_key=documents.key(identity),
        state=state or State.NOT_AN_ALERT,
        title=title or line(f"{sort}: {subject}" if subject else sort),
        name=line(text(data.get("name"))) or line(sort),
        severity=SEVERITIES.get(severity_raw.lower(), Severity.UNKNOWN),
        severity_raw=severity_raw,
        summary=first(
            *(data.get("description"), annotations.get("description"), data.get("summary"), data.get("message"))
        ),
        labels=documents.said({**extensions, **own, **owners, **labels}),
        links=documents.links(
            ("Link", first(data.get("link"), data.get("url"), data.get("problemurl"))),
            ("Runbook", first(data.get("runbook_url"), annotations.get("runbook_url"))),
        ),
        event_time=moment(event.get("time"), received_at=received_at),
        started_at=moment(first(data.get("started_at"), data.get("startsat")), received_at=received_at),
    )


def _problem(event: Mapping[str, Any], data: Mapping[str, Any], state: State | None) -> str:
    """The same for all events of one problem: the data's key, else source, type without its state, and subject."""
    given = first(
        *(data.get("key"), data.get("dedup_key"), event.get("dedupkey"), data.get("problemid"), data.get("fingerprint"))
    )
    source, sort, subject = (text(event.get(name)).strip() for name in ("source", "type", "subject"))
    if given:
        return f"{source} {given}"
    return f"{source} {_ending(sort)[0]} {subject}" if state is not None else ""


def _ending(sort: str) -> tuple[str, State | None]:
    """A type without the state at its end, and that state; the type itself and None where it ends in none."""
    stem, _, ending = _VERSION.sub("", sort).rpartition(".")
    spelled = word(ending)
    if spelled in ANYTHING and not PROBLEMS.intersection(stem.lower().split(".")):
        return sort, None
    state = STATES.get(spelled)
    return (sort, None) if state is None else (stem, state)


def _data(event: Mapping[str, Any]) -> dict[str, Any]:
    """The data by lower-case names, where it is an object, and what an `alert` within it says by itself."""
    data = _given(event)
    named = {str(name).lower(): value for name, value in data.items()} if isinstance(data, dict) else {}
    inner = named.get("alert")
    return {**named, **{str(name).lower(): one for name, one in inner.items()}} if isinstance(inner, dict) else named


def _given(event: Mapping[str, Any]) -> object:
    """The data; what is in base 64, or in a text, is read where it is JSON."""
    data = event.get("data")
    if data is None and isinstance(event.get("data_base64"), str):
        try:
            data = load(base64.b64decode(event["data_base64"], validate=True))
        except (binascii.Error, ValueError):
            return None
    if isinstance(data, str) and data.lstrip().startswith("{"):
        try:
            return load(data.encode("utf-8", "surrogatepass"))
        except Unreadable:
            return None
    return data
