"""dbt: the webhooks of its cloud about runs of jobs, and the artifacts run_results.json and sources.json.

An artifact has one result for each test, model or source; its `unique_id` is the problem, whichever run it was in.
Artifacts from before they had versions (dbt 0.18 and older) say the same in other places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import (
    Unreadable,
    at,
    first,
    gathered,
    load,
    objects,
    refused,
    shown,
    text,
    what,
    word,
)
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, line
from incidents.alerts.sources.times import utc

STATES = {
    **dict.fromkeys(("fail", "error", "runtime error", "warn", "partial success"), State.FIRING),
    **dict.fromkeys(("pass", "success"), State.RESOLVED),
    **dict.fromkeys(("skipped", "no-op", "reused"), State.NOT_AN_ALERT),
}
SEVERITIES = {
    **dict.fromkeys(("fail", "error", "runtime error"), Severity.HIGH),
    **dict.fromkeys(("warn", "partial success"), Severity.MEDIUM),
}
EVENTS = ("job.run.started", "job.run.completed", "job.run.errored")
RUN_CODES = {"10": State.RESOLVED, "20": State.FIRING, "30": State.NOT_AN_ALERT}
RUN_WORDS = {
    **dict.fromkeys(("success", "succeeded"), State.RESOLVED),
    **dict.fromkeys(("errored", "error", "failed"), State.FIRING),
    **dict.fromkeys(("cancelled", "canceled"), State.NOT_AN_ALERT),
}
SORTS = {"test": "Test", "unit_test": "Unit test", "model": "Model", "seed": "Seed", "snapshot": "Snapshot"}
SORTS |= {"source": "Source", "operation": "Hook", "exposure": "Exposure", "saved_query": "Saved query"}
MORE_SORTS = ("analysis", "function", "metric", "semantic_model", "sql_operation")
ENDS = {
    "fail": "failed",
    "error": "failed",
    "runtime error": "could not run",
    "warn": "warns",
    "partial success": "succeeded in part",
    "pass": "passed",
    "success": "succeeded",
}
SOURCE_ENDS = {**ENDS, "warn": "is late", "error": "is stale", "fail": "is stale", "pass": "is fresh"}


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for a webhook, or one for each result of an artifact."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    if not isinstance(document, dict):
        return refused(f"the body is {what(document)}; dbt sends an object")
    if "eventType" in document:
        return gathered([_webhook(document)])
    sources = document.get("sources")
    results = _sources(sources) if isinstance(sources, dict) else document.get("results")
    if not isinstance(results, list):
        missing = "no eventType and no results" if results is None else f"`results` is {what(results)}, not a list"
        return refused(f"{missing}: this is neither a webhook of dbt's nor a run_results.json")
    if not results:
        return refused("the list of results is empty: nothing was run")
    return gathered([_result(index, one, document) for index, one in enumerate(results)])


def config_snippet(hook_url: str) -> str:
    """The webhook in dbt's cloud, and the line that sends an artifact after a run of one's own."""
    return (
        "# dbt platform: Account settings → Webhooks → Create webhook\n"
        f"Endpoint: {hook_url}\n"
        "Events: Run completed, Run errored\n"
        "\n"
        "# dbt Core: after each run, whether it failed or not\n"
        "curl -X POST -H 'Content-Type: application/json' \\\n"
        f"  --data-binary @target/run_results.json {hook_url}\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A webhook about a run that errored, or the next one that did not."""
    resolved = state is State.RESOLVED
    data = {
        "jobId": key,
        "jobName": title,
        "runId": "1",
        "runStatus": "Success" if resolved else "Errored",
        "runStatusCode": 10 if resolved else 20,
        "runStartedAt": started_at.isoformat(),
        "runFinishedAt" if resolved else "runErroredAt": at.isoformat(),
    }
    kind = "job.run.completed" if resolved else "job.run.errored"
    return json.dumps({"eventType": kind, "timestamp": at.isoformat(), "data": data}).encode()


def _webhook(event: Mapping[str, Any]) -> Reading | Rejection:
    """A job's run started, completed (whether it failed or not) or errored."""
    kind, data = word(event.get("eventType")), event.get("data")
    if kind not in EVENTS or not isinstance(data, dict):
        return Rejection(f"its eventType is {shown(event.get('eventType'))}, none of {', '.join(EVENTS)} with data")
    job = text(data.get("jobId")).strip()
    if not job:
        return Rejection("its data has no jobId, so nothing tells which problem it is")
    code, status = text(data.get("runStatusCode")), text(data.get("runStatus"))
    state: State | None = State.FIRING
    if kind == "job.run.started":
        state = State.NOT_AN_ALERT
    elif kind == "job.run.completed":
        state = RUN_CODES.get(code) or RUN_WORDS.get(word(status))
    if state is None:
        return Rejection(f"its run completed with the status {shown(status or code)}, which is not known")
    name = line(text(data.get("jobName"))) or line(f"Job {job}")
    message = text(data.get("runStatusMessage")).strip()
    told = "" if message == "None" else message  # Python's None, as a text
    ends = {State.FIRING: f"dbt job failed: {name}", State.RESOLVED: f"dbt job succeeded: {name}"}
    labels = {
        "job": name,
        "project": data.get("projectName"),
        "environment": data.get("environmentName"),
        "run_id": data.get("runId"),
        "dbt_version": data.get("dbtVersion"),
    }
    times = (data.get("runErroredAt"), data.get("runFinishedAt"), event.get("timestamp"))
    ended = (event.get("timestamp"),) if state is State.NOT_AN_ALERT else times
    return Reading(
        problem_key=documents.key(f"job:{job}"),
        delivery_key=documents.key(event.get("eventId")) or None,
        state=state,
        title=line(ends.get(state, f"dbt job {first(status, kind.rpartition('.')[2]).lower()}: {name}")),
        name=name,
        summary="\n".join(part for part in (told, text(data.get("runReason"))) if part),
        labels=documents.said(labels),
        event_time=next((found for found in map(utc, ended) if found), None),
    )


def _result(index: int, result: object, document: Mapping[str, Any]) -> Reading | Rejection:
    """One result of an artifact. `failures` may be null, and `message` anything."""
    if not isinstance(result, dict):
        return Rejection(f"{what(result)} is not a result", index)
    key = first(result.get("unique_id"), at(result, "node", "unique_id"))
    if not key:
        return Rejection("it has no unique_id, so nothing tells which problem it is", index)
    status = _status(result)
    state = STATES.get(status)
    if state is None:
        said = f"its status is {shown(result.get('status'))}, which is not known" if status else "it has no status"
        return Rejection(said, index)
    metadata = document.get("metadata") or document.get("meta")
    sort, _, rest = key.partition(".")
    name = _name(sort, rest, key)
    run = text(at(metadata, "invocation_id"))
    ends = SOURCE_ENDS if sort == "source" else ENDS
    labels = {
        "unique_id": key,
        "project": rest.partition(".")[0],
        "resource_type": sort,
        "dbt_version": at(metadata, "dbt_version"),
        "invocation_id": run,
        "target": at(document, "args", "target"),
        **_own(metadata),
    }
    return Reading(
        problem_key=documents.key(key),
        delivery_key=documents.key(run, key) if run else None,
        state=state,
        title=line(f"{_sort(sort)} {name} {ends.get(status, 'was ' + status)}"),
        name=name,
        severity=SEVERITIES.get(status, Severity.UNKNOWN),
        severity_raw=status if state is State.FIRING else "",
        summary=_summary(result, sort, state),
        labels=documents.said(labels),
        event_time=_time(result) or utc(at(metadata, "generated_at")) or utc(document.get("generated_at")),
    )


def _status(result: Mapping[str, Any]) -> str:
    """The status in the words of today. Before artifacts had versions it was what the database said, beside flags."""
    status = word(result.get("status"))
    if status in STATES or not isinstance(result.get("node"), dict) or "skip" not in result:
        return status
    flags = (("skip", "skipped"), ("error", "error"), ("fail", "fail"), ("warn", "warn"))
    return next((said for flag, said in flags if result.get(flag)), "success")


def _sources(sources: Mapping[str, Any]) -> list[Any]:
    """Freshness as it was written before artifacts had versions: a state under each source's id."""
    return [
        {"status": one.get("state"), **one, "unique_id": key} if isinstance(one, dict) else one
        for key, one in sources.items()
    ]


def _sort(sort: str) -> str:
    return SORTS.get(sort) or (sort.replace("_", " ").capitalize() if sort in MORE_SORTS else "Node")


def _name(sort: str, rest: str, key: str) -> str:
    """What people call it: a test without the hash that dbt ends its id with, a source with its table."""
    parts = rest.split(".")[1:] or [rest]
    if sort == "test" and len(parts) > 1:
        parts = parts[:-1]
    return line(".".join(parts)) or line(key)


def _own(metadata: object) -> dict[str, Any]:
    """Variables named DBT_ENV_CUSTOM_ENV_…, which dbt copies into its artifacts for uses such as this."""
    given = at(metadata, "env")
    env = given if isinstance(given, dict) else {}
    return {
        name: next((value for said, value in env.items() if said.lower() == name), None)
        for name in ("component", "service")
    }


def _summary(result: Mapping[str, Any], sort: str, state: State) -> str:
    if state is State.RESOLVED:
        return ""
    count = word(result.get("failures")) if sort == "test" else ""
    failing = f"{count} failing row{'' if count == '1' else 's'}" if count.isdecimal() and count != "0" else ""
    loaded = text(result.get("max_loaded_at"))
    stale = f"last loaded at {loaded}" if loaded else ""
    told = (first(result.get("message"), result.get("error")), failing, stale)
    return "\n".join(part for part in told if part)


def _time(result: Mapping[str, Any]) -> datetime | None:
    """When its last step was completed; for a source when it was looked at."""
    steps = (utc(one.get("completed_at")) for one in objects(result.get("timing")))
    return max((step for step in steps if step), default=None) or utc(result.get("snapshotted_at"))
