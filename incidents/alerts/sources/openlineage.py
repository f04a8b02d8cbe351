"""OpenLineage: what became of the runs of jobs, and of the assertions on their data.

A run that failed fires under its job, and the job's next COMPLETE resolves it, whichever run that was. Each assertion
is a problem of its own, in any event that carries it: a COMPLETE run can have failed assertions. A FAIL whose
assertions failed is told by those, not a second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import at, objects, one_or_list, shown, text, what, word
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import moment

RUN_STATES = {
    "fail": State.FIRING,
    "complete": State.RESOLVED,
    **dict.fromkeys(("start", "running", "abort", "other"), State.NOT_AN_ALERT),
}
TEST_STATES = {
    **dict.fromkeys(("fail", "failed", "error", "warn"), State.FIRING),
    **dict.fromkeys(("pass", "passed", "success"), State.RESOLVED),
    **dict.fromkeys(("skip", "skipped"), State.NOT_AN_ALERT),
}
SEVERITIES = {"error": Severity.HIGH, "warn": Severity.MEDIUM, "warning": Severity.MEDIUM}
ENDS = {"fail": "failed", "complete": "completed", "start": "started", "running": "is running", "abort": "was aborted"}
WORDS = {State.FIRING: "failed", State.RESOLVED: "passed"}


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """The readings of one event, or of a list of events."""
    return one_or_list(body, partial(_event, received_at=received_at), of="events")


def config_snippet(hook_url: str) -> str:
    """The HTTP transport, as openlineage.yml and as Airflow's configuration have it."""
    host, _, path = hook_url.partition("/hooks/")
    return (
        "# openlineage.yml\n"
        "transport:\n"
        "  type: http\n"
        f"  url: {host}\n"
        f"  endpoint: hooks/{path}\n"
        "\n"
        "# Airflow\n"
        "[openlineage]\n"
        f'transport = {{"type": "http", "url": "{host}", "endpoint": "hooks/{path}"}}\n'
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A run that failed, or the next one that did not."""
    failed = state is not State.RESOLVED
    run: dict[str, Any] = {"runId": "00000000-0000-0000-0000-000000000000"}
    if failed:
        run["facets"] = {"errorMessage": {"message": title, "programmingLanguage": "none"}}
    event = {
        "eventType": "FAIL" if failed else "COMPLETE",
        "eventTime": at.isoformat(),
        "run": run,
        "job": {"namespace": "seamline", "name": key},
        "producer": "seamline",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }
    return json.dumps(event).encode()


def _event(event: object, index: int | None, received_at: datetime) -> Iterator[Reading | Rejection]:
    if not isinstance(event, dict):
        yield Rejection(f"{what(event)} is not an event", index)
        return
    if index is None and isinstance(event.get("events"), list):  # as a store of events lists them
        for place, one in enumerate(event["events"]):
            yield from _event(one, place, received_at)
        return
    job, run = event.get("job"), event.get("run")
    name = text(at(job, "name")).strip()
    if not isinstance(run, dict) and (name or isinstance(event.get("dataset"), dict)):
        described = _static(event, received_at)
        yield described
        yield from (_checked(described, check) for check in _assertions(event))
        return
    if not name or not isinstance(run, dict):
        missing = "run and no job" if not isinstance(run, dict) else "name of a job"
        yield Rejection(f"this is no event of OpenLineage's: it has no {missing}", index)
        return
    said = event.get("eventType")
    state = RUN_STATES.get(word(said)) if said is not None else State.NOT_AN_ALERT
    if state is None:
        yield Rejection(f"its eventType is {shown(said)}, none of START, RUNNING, COMPLETE, FAIL, ABORT, OTHER", index)
        return
    told = _run(event, state, received_at)
    checks = [_checked(told, check) for check in _assertions(event) or _tests(event)]
    if not (state is State.FIRING and any(check.state is State.FIRING for check in checks)):
        yield told
    yield from checks


def _run(event: Mapping[str, Any], state: State, received_at: datetime) -> Reading:
    """What became of the run."""
    namespace, name = text(at(event, "job", "namespace")).strip(), text(at(event, "job", "name")).strip()
    run_id, facets = text(at(event, "run", "runId")).strip(), at(event, "run", "facets")
    kind = text(event.get("eventType")).strip().lower()
    title = f"{name} {ENDS.get(kind, 'told of itself')}"
    error = at(facets, "errorMessage", "message")
    integration = at(event, "job", "facets", "jobType", "integration")
    parent = at(facets, "parent", "job", "name")
    return Reading(
        problem_key=documents.key(namespace, name),
        delivery_key=documents.key(run_id, kind, event.get("eventTime")) if run_id else None,
        state=state,
        title=line(title),
        name=line(name),
        summary=text(error) if state is State.FIRING else "",
        labels=documents.said(
            {"namespace": namespace, "job": name, "run_id": run_id, "integration": integration, "parent": parent}
        ),
        links=documents.links(("Code", at(event, "job", "facets", "sourceCodeLocation", "url"))),
        event_time=moment(event.get("eventTime"), received_at=received_at),
    )


def _static(event: Mapping[str, Any], received_at: datetime) -> Reading:
    """An event about a data set or a job as such: no run, so nothing that can fail."""
    place = "dataset" if isinstance(event.get("dataset"), dict) else "job"
    namespace, name = text(at(event, place, "namespace")), text(at(event, place, "name"))
    return Reading(
        problem_key=documents.key(place, namespace, name),
        state=State.NOT_AN_ALERT,
        title=line(f"{name or 'A ' + place} was described"),
        name=line(name),
        labels=documents.said({"namespace": namespace, place: name}),
        event_time=moment(event.get("eventTime"), received_at=received_at),
    )


class _Check:
    """One assertion, or one test, and the data set that it is about."""

    def __init__(self, said: Mapping[str, Any], state: State | None, name: object, dataset: str) -> None:
        self.state, self.name, self.dataset = state, line(text(name)) or "check", dataset
        self.column = line(text(said.get("column")), 200)
        self.severity = line(text(said.get("severity")), 120)
        self.expected, self.actual = text(said.get("expected")), text(said.get("actual"))
        self.told = text(said.get("description"))


def _assertions(event: Mapping[str, Any]) -> list[_Check]:
    """The assertions of all data sets of the event, wherever a producer puts them."""
    found = []
    for side in ("inputs", "outputs", "dataset"):
        given = event.get(side)
        for dataset in objects(given if isinstance(given, list) else [given]):
            name = documents.first(dataset.get("name"))
            for place in ("inputFacets", "outputFacets", "facets"):
                for one in objects(at(dataset, place, "dataQualityAssertions", "assertions")):
                    passed = one.get("success")
                    state = (State.RESOLVED if passed else State.FIRING) if isinstance(passed, bool) else None
                    found.append(_Check(one, state, one.get("assertion") or one.get("name"), name))
    return found


def _tests(event: Mapping[str, Any]) -> list[_Check]:
    """The run's own facet of tests, read where there are no assertions: producers send both for the same test."""
    tests = objects(at(event, "run", "facets", "test", "tests"))
    return [
        _Check(one, TEST_STATES.get(word(one.get("status"))), one.get("name") or one.get("type"), "") for one in tests
    ]


def _checked(run: Reading, check: _Check) -> Reading:
    """The reading of one assertion, at the time of its event."""
    where = ".".join(part for part in (check.dataset, check.column) if part)
    state = check.state or State.NOT_AN_ALERT
    title = f"{check.name}{f' on {where}' if where else ''} {WORDS.get(state, 'was not checked')}"
    values = (("expected", check.expected), ("found", check.actual))
    told = ", ".join(f"{name} {value}" for name, value in values if value)
    key = documents.key(run.problem_key, check.dataset, check.column, check.name)
    labels = {**run.labels, "dataset": check.dataset, "column": check.column, "assertion": check.name}
    return replace(
        run,
        problem_key=key,
        delivery_key=documents.key(run.delivery_key, check.dataset, check.column, check.name)
        if run.delivery_key
        else None,
        state=state,
        title=line(title),
        name=check.name,
        severity=SEVERITIES.get(check.severity.lower(), Severity.UNKNOWN),
        severity_raw=check.severity,
        summary="\n".join(part[:2_000] for part in (check.told, told, run.summary) if part),
        labels=documents.said(labels),
    )
