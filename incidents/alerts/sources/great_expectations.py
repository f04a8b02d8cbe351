"""Great Expectations, 0.x and 1.x: what became of the expectations of one validation, or of a checkpoint's several.

Each expectation is a problem of its own: the suite, the data it was held against, and what exactly it expects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, at, first, gathered, load, objects, refused, text, what, word
from incidents.alerts.sources.reading import Link, Parsed, Reading, Rejection, Severity, State, clean, line
from incidents.alerts.sources.times import utc

SEVERITIES = {
    "critical": Severity.CRITICAL,
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.LOW,
}
PASSING = {"batch_id", "result_format", "catch_exceptions", "include_config", "meta"}  # not what is expected


@dataclass(frozen=True)
class _Validation:
    """What a validation says of all its results."""

    suite: str = ""
    data: str = ""
    run: str = ""
    time: datetime | None = None
    links: tuple[Link, ...] = ()
    labels: Mapping[str, Any] | None = None


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each expectation."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    read = list(_read(document))
    if not read:
        return refused("the list of results is empty: nothing was validated")
    return gathered([one if isinstance(one, Reading) else Rejection(one, place) for place, one in enumerate(read)])


def config_snippet(hook_url: str) -> str:
    """The lines that send a checkpoint's result after it ran."""
    return (
        "import json, urllib.request\n"
        "\n"
        "result = checkpoint.run()\n"
        "request = urllib.request.Request(\n"
        f'    "{hook_url}",\n'
        "    data=json.dumps(result.to_json_dict()).encode(),\n"
        '    headers={"Content-Type": "application/json"},\n'
        ")\n"
        "urllib.request.urlopen(request)\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A validation of one expectation."""
    passed = state is State.RESOLVED
    config = {"type": "expect_seamline_test", "kwargs": {"key": key}, "meta": {"title": title}}
    result = {
        "success": passed,
        "expectation_config": config,
        "result": {},
        "exception_info": {"raised_exception": False},
    }
    meta = {"run_id": {"run_time": at.isoformat(), "run_name": None}}
    return json.dumps({"success": passed, "suite_name": "seamline", "results": [result], "meta": meta}).encode()


def _read(document: object) -> Iterator[Reading | str]:
    """Whichever of its results it is; a text is the reason why a part cannot be read."""
    if isinstance(document, list):
        for one in document:
            yield from _read_one(one, _Validation())
        return
    if not isinstance(document, dict):
        yield f"the body is {what(document)}; Great Expectations writes an object"
        return
    runs, described = document.get("run_results"), document.get("validation_results")
    if isinstance(runs, dict):  # a checkpoint of 0.x, or of 1.x as JSON
        outside = at(document, "run_id")
        for name, run in runs.items():
            inner = at(run, "validation_result") or run
            links = documents.links(("Data docs", _docs(at(run, "actions_results"))))
            yield from _results(inner, _about(inner, name=text(name), run_id=outside, links=links))
    elif isinstance(described, list):  # a checkpoint of 1.x as it describes itself
        for one in described:
            yield from _results(one, _about(one, run_id=at(document, "run_id")))
    elif isinstance(document.get("results"), list) or isinstance(document.get("expectations"), list):
        yield from _results(document, _about(document))
    else:
        yield from _read_one(document, _Validation())


def _results(validation: object, about: _Validation) -> Iterator[Reading | str]:
    results = at(validation, "results")
    if results is None:
        results = at(validation, "expectations")
    if not isinstance(results, list):
        yield "a validation has no list of results"
        return
    for one in results:
        yield from _read_one(one, about)


def _about(validation: object, *, name: str = "", run_id: object = None, links: tuple[Link, ...] = ()) -> _Validation:
    """Suite, data and time, from wherever this version keeps them."""
    meta = at(validation, "meta")
    own = at(meta, "run_id") or run_id
    batch = at(meta, "active_batch_definition") or at(meta, "batch_spec") or at(meta, "batch_kwargs")
    source = first(at(batch, "datasource_name"), at(batch, "datasource"))
    asset = first(
        at(validation, "asset_name"), at(batch, "data_asset_name"), at(batch, "table_name"), at(batch, "table")
    )
    suite = first(at(validation, "suite_name"), at(meta, "expectation_suite_name"))
    times = (at(meta, "validation_time"), at(own, "run_time"), at(meta, "run_time"))
    return _Validation(
        suite=suite,
        data=".".join(part for part in (source, asset) if part),
        run=first(name, at(validation, "id"), at(own, "run_time")),
        time=next((found for found in map(utc, times) if found), None),
        links=links or documents.links(("Data docs", at(validation, "result_url"))),
        labels=documents.said(
            {"suite": suite, "datasource": source, "asset": asset, "checkpoint": at(meta, "checkpoint_name")}
        ),
    )


def _docs(actions: object) -> object:
    """The address of the data docs, where an action wrote them and they are on the web."""
    if isinstance(actions, dict):
        for action in actions.values():
            for said in action.values() if isinstance(action, dict) else ():
                if isinstance(said, str) and said.startswith("http"):
                    return said
    return None


def _read_one(result: object, about: _Validation) -> Iterator[Reading | str]:
    """One expectation. One that raised an exception could not be checked: that is no pass."""
    if not isinstance(result, dict):
        yield f"{what(result)} is not the result of an expectation"
        return
    config = result.get("expectation_config") if isinstance(result.get("expectation_config"), dict) else result
    sort = first(at(config, "type"), at(config, "expectation_type"))
    passed = result.get("success")
    if not sort or not isinstance(passed, bool):
        yield f"it has no {'success' if sort else 'expectation'}: this is no result of Great Expectations"
        return
    given = at(config, "kwargs")
    kwargs = {clean(str(name)): value for name, value in given.items()} if isinstance(given, dict) else {}
    column = line(text(first(kwargs.get("column"), kwargs.get("column_A"))), 200)
    batch = text(kwargs.get("batch_id"))
    data = about.data or batch
    raised = "" if passed else _raised(result.get("exception_info"))
    severity = line(first(at(config, "severity"), at(config, "meta", "severity")), 120)
    expected = {name: value for name, value in sorted(kwargs.items()) if name not in PASSING}
    key = documents.key(about.suite, data, sort, column, documents.digest(text(expected))[:12])
    meta = at(config, "meta")
    own = {name: at(meta, name) for name in ("component", "service")}
    yield Reading(
        problem_key=key,
        delivery_key=documents.key(about.run, key) if about.run else None,
        state=State.RESOLVED if passed else State.FIRING,
        title=line(text(at(meta, "title"))) or _title(sort, column, data, passed=passed, raised=bool(raised)),
        name=line(sort),
        severity=SEVERITIES.get(severity.lower(), Severity.UNKNOWN),
        severity_raw=severity,
        summary="" if passed else raised or _summary(expected, result.get("result")),
        labels=documents.said({**(about.labels or {}), "expectation": sort, "column": column, "batch": batch, **own}),
        links=about.links,
        event_time=about.time,
    )


def _title(sort: str, column: str, data: str, *, passed: bool, raised: bool) -> str:
    """`expect_column_max_to_be_between` of fare in trips: “fare: column max to be between failed on trips”."""
    said = line(sort.removeprefix("expect_").replace("_", " "))
    end = "passed" if passed else "could not be checked" if raised else "failed"
    return line(f"{f'{column}: ' if column else ''}{said} {end}{f' on {data}' if data else ''}")


def _summary(expected: Mapping[str, Any], result: object) -> str:
    """What was expected and what was found, in numbers; never the values themselves, which may be personal."""
    asked = ", ".join(
        f"{name} {line(text(value), 80)}" for name, value in list(expected.items())[:12] if name != "column"
    )
    found = []
    count, total = text(at(result, "unexpected_count")), text(at(result, "element_count"))
    if count:
        found.append(f"{count} of {total} values are unexpected" if total else f"{count} values are unexpected")
    observed = at(result, "observed_value")
    if isinstance(observed, (int, float)) and not isinstance(observed, bool):
        found.append(f"observed {text(observed)}")
    return "\n".join(part for part in (f"Expected {asked}" if asked else "", "; ".join(found)) if part)


def _raised(info: object) -> str:
    """The exception's message; 1.x may keep one for each metric."""
    infos = [info, *objects(list(info.values()))] if isinstance(info, dict) else []
    for one in infos:
        if word(text(at(one, "raised_exception"))) == "true":
            return text(at(one, "exception_message")) or "the expectation raised an exception"
    return ""
