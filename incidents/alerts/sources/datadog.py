"""Datadog's webhooks. Their body is written by the user, with variables such as $ALERT_TRANSITION, so names differ.

What Datadog sends by default tells the state only in the title: `[Triggered on {host:a}] CPU is high`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, first, gathered, load, refused, shown, text, what
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

STATES = {
    **dict.fromkeys(("triggered", "retriggered", "alert", "warn", "rewarn", "warning", "renotify"), State.FIRING),
    **dict.fromkeys(("error", "escalated", "firing"), State.FIRING),
    **dict.fromkeys(("recovered", "ok", "resolved", "success"), State.RESOLVED),
    **dict.fromkeys(("nodata", "renodata"), State.NO_DATA),
    **dict.fromkeys(("test", "muted", "unmuted"), State.NOT_AN_ALERT),
}
SEVERITIES = {
    **dict.fromkeys(("p1", "1", "critical"), Severity.CRITICAL),
    **dict.fromkeys(("p2", "2", "high"), Severity.HIGH),
    **dict.fromkeys(("p3", "3", "medium"), Severity.MEDIUM),
    **dict.fromkeys(("p4", "4", "p5", "5", "low", "info"), Severity.LOW),
}
# Where users put each variable, as they and the documentation name it; letters and digits only.
CYCLE = ("alertcyclekey", "cyclekey")
MONITOR = ("alertid", "monitorid")
SCOPE = ("alertscope", "scope", "scopes", "group", "monitorgroup")
TRANSITION = ("alerttransition", "transition", "alertstate", "state", "status", "monitorstatus")
TITLE = ("alerttitle", "eventtitle", "title", "monitorname", "name")
TEXT = ("textonlymsg", "eventmsg", "body", "message", "description", "text", "alertstatus")
PRIORITY = ("alertpriority", "monitorpriority", "severity", "priority")
DATE = ("date", "dateposix", "eventdate", "datehappened", "timestamp", "lastupdated")
EVENT = ("eventid", "id")
_MARK = re.compile(r"\s{0,9}\[([^\[\]]{1,300})\]", re.ASCII)
# As titles told it before they had a mark for it: `[Monitor Alert] Triggered on {host:a}: CPU is high`.
_WORD = re.compile(
    r"((?:re-)?triggered|recovered|(?:re-)?no data|(?:re-)?warn)(?: on (\{.{0,280}?\}))?: ", re.IGNORECASE | re.ASCII
)
_ON = re.compile(r"^(.{0,40}?) on (\{.{0,280}\})$", re.ASCII | re.DOTALL)
_SECRET = re.compile(r"(?i)secret|token|password|api_?key|app_?key")


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for a message, sent as JSON or “encoded as form”; several where the user's body is a list."""
    try:
        document = load(body)
    except Unreadable as error:
        document = _form(body)
        if document is None:
            return refused(str(error))
    if not isinstance(document, list):
        return gathered([_message(document, None, received_at)])
    if not document:
        return refused("the list of messages is empty")
    return gathered([_message(one, index, received_at) for index, one in enumerate(document)])


def config_snippet(hook_url: str) -> str:
    """The webhook's settings; its payload names what the default leaves out."""
    return (
        "# Integrations → Webhooks → New; then write @webhook-seamline into a monitor's message\n"
        "Name: seamline\n"
        f"URL: {hook_url}\n"
        "Payload:\n"
        "{\n"
        '  "alert_cycle_key": "$ALERT_CYCLE_KEY",\n'
        '  "alert_transition": "$ALERT_TRANSITION",\n'
        '  "alert_id": "$ALERT_ID",\n'
        '  "alert_scope": "$ALERT_SCOPE",\n'
        '  "alert_priority": "$ALERT_PRIORITY",\n'
        '  "title": "$ALERT_TITLE",\n'
        '  "body": "$TEXT_ONLY_MSG",\n'
        '  "tags": "$TAGS",\n'
        '  "date": "$DATE",\n'
        '  "event_id": "$ID",\n'
        '  "link": "$LINK",\n'
        '  "snapshot": "$SNAPSHOT"\n'
        "}\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A message by the payload that is suggested above."""
    message = {
        "alert_cycle_key": key,
        "alert_transition": "Recovered" if state is State.RESOLVED else "Triggered",
        "alert_priority": "P4",
        "title": title,
        "body": "Sent by the test button; nothing is wrong.",
        "date": str(int(at.timestamp() * 1000)),
    }
    return json.dumps(message).encode()


def _form(body: bytes) -> dict[str, Any] | None:
    """A body that was encoded as form; None where it is none."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), strict_parsing=True, max_num_fields=200)
    except ValueError:
        return None
    fields: dict[str, Any] = dict(pairs)
    if set(fields) == {"payload"}:
        try:
            inner = load(fields["payload"].encode("utf-8", "surrogatepass"))
        except Unreadable:
            return None
        return inner if isinstance(inner, dict) else None
    return fields


def _message(message: object, index: int | None, received_at: datetime) -> Reading | Rejection:
    if not isinstance(message, dict):
        return Rejection(f"{what(message)} is not a message of Datadog's", index)
    told = _Told(message)
    title, marks, scope_in_title = _unmarked(told.get(*TITLE))
    said = told.get(*TRANSITION)
    state = STATES.get(_plain(said))
    if state is None:
        state = next((STATES[_plain(mark)] for mark in marks if _plain(mark) in STATES), None)
    if state is None:
        state = STATES.get(_plain(told.get("alerttype"))) if told.get(*MONITOR, *CYCLE) else None
    if state is None and said:
        return Rejection(f"its transition is {shown(said)}, which is not known", index)
    if state is None:
        return Rejection(
            "nothing tells whether it fired or recovered: add $ALERT_TRANSITION to the webhook's payload", index
        )
    if any(_plain(mark) == "test" for mark in marks):
        state = State.NOT_AN_ALERT
    monitor, scope = told.get(*MONITOR), first(told.get(*SCOPE), scope_in_title)
    org = told.get("orgid", "orgname", "org")
    key = told.get(*CYCLE) or " ".join(part for part in (monitor, scope) if part and monitor) or told.get("aggregkey")
    if not key and not title:
        return Rejection("it has neither a key nor a title, so nothing tells which problem it is", index)
    priority = told.get(*PRIORITY) or next((mark for mark in marks if _plain(mark) in SEVERITIES), "")
    dated = (moment(one, received_at=received_at) for one in told.all(*DATE))
    return Reading(
        problem_key=documents.key(key or " ".join(part for part in (org, title, scope) if part)),
        delivery_key=documents.key(told.get(*EVENT)) or None,
        state=state,
        title=title or line(f"Monitor {monitor or key}"),
        name=title or line(f"Monitor {monitor or key}"),
        severity=SEVERITIES.get(_plain(priority), Severity.UNKNOWN),
        severity_raw=line(priority, 120),
        summary=told.get(*TEXT).removeprefix("%%%").removesuffix("%%%").strip(),
        labels=documents.said(
            {**dict(_tags(message)), "monitor": monitor, "scope": scope, "host": told.get("hostname")}
        ),
        links=documents.links(
            ("Datadog", told.get("link", "url", "eventurl", "alerturl")), ("Picture", told.get("snapshot"))
        ),
        event_time=next((found for found in dated if found), None),
    )


class _Told:
    """The message's single values by their plain names; a variable that was left unset says nothing."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        self._values = {_plain(name): value for name, value in message.items()}
        for outer, inner in message.items():  # some group the variables: {"alert": {"transition": …}}
            if isinstance(inner, dict) and _plain(outer) != "org":
                for name, value in inner.items():
                    self._values.setdefault(_plain(f"{outer} {name}"), value)
                    if _plain(name).startswith(("alert", "event", "aggreg")):
                        self._values.setdefault(_plain(name), value)

    def all(self, *names: str) -> Iterator[str]:
        """What these say, as far as they say anything."""
        for name in names:
            value = self._values.get(name)
            if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
                value = ",".join(text(one) for one in value)
            said = "" if isinstance(value, (dict, list)) else text(value).strip()
            if said and said != "null" and not (said.startswith("$") and said[1:].replace("_", "").isalpha()):
                yield said

    def get(self, *names: str) -> str:
        """The first that says something."""
        return next(self.all(*names), "")


def _plain(name: object) -> str:
    return "".join(letter for letter in text(name).lower()[:120] if letter.isalnum())


def _unmarked(title: str) -> tuple[str, list[str], str]:
    """The title without the state and priority in front of it, their words, and the scope that one of them names."""
    marks: list[str] = []
    kept: list[str] = []  # marks of the user's own
    scope, rest = "", title[:2_000]
    while (mark := _MARK.match(rest)) and len(marks) + len(kept) < 5:
        named = _ON.match(mark[1])
        said = named[1] if named else mark[1]
        if _plain(said) in STATES or _plain(said) in SEVERITIES:
            marks.append(said)
            scope = named[2] if named else scope
        else:
            kept.append(mark[0].strip())
        rest = rest[mark.end() :]
    if not marks and (said_first := _WORD.match(rest.lstrip())):
        marks.append(said_first[1])
        scope, rest = said_first[2] or "", rest.lstrip()[said_first.end() :]
    return line(" ".join((*kept, rest))), marks, scope


def _tags(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tags as one text or as a list; several values of one name side by side; nothing that looks like a secret."""
    tags = message.get("tags", message.get("TAGS"))
    listed = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    found: dict[str, list[str]] = {}
    for tag in listed[:200]:
        name, colon, value = text(tag).strip().partition(":")
        name = line(name.strip(), 120)
        if name and not _SECRET.search(name):
            found.setdefault(name if colon else "tags", []).append(value.strip() if colon else name)
    for name, values in found.items():
        yield name, ", ".join(dict.fromkeys(values))
