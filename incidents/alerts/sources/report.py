"""What people report: "it answered this, I expected that", from the form here or from a product's feedback button.

What was asked, answered and expected are users' own words: they stay in the raw body. A reading says only that there is
a complaint, about which service, and the ids that lead to the trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, gathered, load, refused, shown, text, word
from incidents.alerts.sources.reading import Link, Parsed, Reading, Rejection, Severity, State, line, link
from incidents.alerts.sources.times import moment

NAME = "User report"
WORDS = ("asked", "answered", "expected")
LABELS = (
    "service", "component", "where", "trace_id", "prompt_version", "model_version", "index_version",
)  # fmt: skip
LABEL_LENGTH = 200
REPORTS = 1_000  # of one request
STATES = {"": State.FIRING, "filed": State.FIRING, "firing": State.FIRING} | dict.fromkeys(
    ("withdrawn", "resolved", "mended"), State.RESOLVED
)
BY = {"": "user", "user": "user", "customer": "user", "colleague": "colleague", "internal": "colleague"}


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each report; a report, a list of reports or `{"reports": […]}`."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    many = document.get("reports", document) if isinstance(document, dict) else document
    if not isinstance(many, list):
        return gathered(_each([many], received_at, single=True))
    if not many:
        return refused("it is an empty list; send at least one report")
    if len(many) > REPORTS:
        return refused(f"it is a list of more than {REPORTS} reports; send smaller batches")
    return gathered(_each(many, received_at, single=False))


def written(body: bytes) -> dict[str, str]:
    """What was asked, answered and expected in the first report of a body, for those who may read it."""
    try:
        document = load(body)
    except Unreadable:
        return {}
    return {name: text(documents.at(document, name)).strip() for name in WORDS}


def config_snippet(hook_url: str) -> str:
    """A request for the console, to copy into whatever collects thumbs down."""
    return (
        f"curl -X POST {hook_url} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  -d '{\n"
        '    "id": "feedback-1",\n'
        '    "service": "support-answers",\n'
        '    "asked": "May I return this after 40 days?",\n'
        '    "answered": "Yes, within 60 days.",\n'
        '    "expected": "No, 30 days is the limit.",\n'
        '    "trace_id": "4bf92f3577b34da6"\n'
        "  }'\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A report, and for the end its withdrawal."""
    report = {
        "id": key,
        "answered": "Sent by the test button; nothing is wrong.",
        "where": title,
        "state": "filed" if state is State.FIRING else "withdrawn",
        "at": at.isoformat(),
    }
    return json.dumps(report).encode()


def _each(many: list[Any], received_at: datetime, *, single: bool) -> Iterator[Reading | Rejection]:
    for index, one in enumerate(many):
        reason = _fault(one)
        yield Rejection(reason, None if single else index) if reason else _reading(one, received_at)


def _fault(one: object) -> str:
    """Why this is no report, empty when it is one."""
    if not isinstance(one, dict):
        return f"{documents.what(one)} is not a report; send an object with asked, answered and expected"
    state, by = word(one.get("state")), word(one.get("by"))
    if state not in STATES:
        return f"its state is {shown(one['state'])}; say filed or withdrawn, or leave it out"
    if by not in BY:
        return f"by is {shown(one['by'])}; say user or colleague, or leave it out"
    if STATES[state] is State.FIRING and not any(text(one.get(name)).strip() for name in WORDS):
        return "it says nothing: give asked, answered or expected"
    if STATES[state] is State.RESOLVED and not text(one.get("id")).strip():
        return "it is withdrawn, but has no id that tells which report it was"
    return ""


def _reading(one: dict[str, Any], received_at: datetime) -> Reading:
    labels = {name: line(text(one.get(name)), LABEL_LENGTH) for name in LABELS}
    labels["reported_by"] = BY[word(one.get("by"))]
    where = labels["where"]
    # Without an id the same words twice are one report, as when a client sends again what it was not sure had come.
    key = documents.key(one.get("id")) or documents.digest(json.dumps(one, sort_keys=True))
    return Reading(
        problem_key=key,
        state=STATES[word(one.get("state"))],
        title=line(f"Wrong answer reported in {where}" if where else "Wrong answer reported"),
        name=line(f"{NAME} in {where}" if where else NAME),
        severity=_severity(one.get("severity")),
        severity_raw=line(text(one.get("severity")), 120),
        labels=documents.said(labels),
        links=_links(one.get("link")),
        event_time=moment(one.get("at"), received_at=received_at),
    )


def _severity(said: object) -> Severity:
    try:
        return Severity(word(said))
    except ValueError:
        return Severity.UNKNOWN


def _links(url: object) -> tuple[Link, ...]:
    found = link("Trace", url)
    return (found,) if found else ()
