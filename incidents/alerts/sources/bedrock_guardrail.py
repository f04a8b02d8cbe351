"""Amazon Bedrock's guardrails: traces of Converse, InvokeModel and agents, answers of ApplyGuardrail and of knowledge
bases, logs of invocations.

An intervention (something blocked or masked) fires under its guardrail, the side it stood on and the policy that acted.
What was detected and let through, as in detect-only mode, is no block and not an alert. What people wrote, and what
matched in it, is never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import at, first, objects, one_or_list, text, what, word
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, State, line
from incidents.alerts.sources.times import moment

POLICIES = {
    "topicPolicy": "denied topics",
    "contentPolicy": "content filters",
    "wordPolicy": "words",
    "sensitiveInformationPolicy": "personal data",
    "contextualGroundingPolicy": "grounding",
    "automatedReasoningPolicy": "automated reasoning",
}
ACTED = {"blocked": "blocked", "anonymized": "masked", "intervened": "blocked", "guardrail_intervened": "blocked"}
SIDES = {"input": "an input", "output": "an output", "": "a text"}
ACTION, TRACE = "amazon-bedrock-guardrailAction", "amazon-bedrock-trace"
AGENT = "guardrailTrace"  # among the traces of an agent
OURS = ("component", "service", "environment", "trace_id")
ITEMS = 1_000  # of one assessment
ENVELOPES = 3


@dataclass
class _Seen:
    """What one guardrail did on one side by one policy."""

    acted: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each policy that intervened; one that is not an alert where none did."""
    return one_or_list(body, partial(_trace, received_at=received_at), of="traces")


def config_snippet(hook_url: str) -> str:
    """The lines around a call that send its trace when the guardrail intervened."""
    return (
        "# the call asks for the trace …\n"
        "response = bedrock.converse(\n"
        "    modelId=model_id, messages=messages,\n"
        '    guardrailConfig={"guardrailIdentifier": guardrail_id, "guardrailVersion": "1", "trace": "enabled"},\n'
        ")\n"
        "# … and sends it on, with the service it belongs to; what people wrote stays with you\n"
        'if response["stopReason"] == "guardrail_intervened":\n'
        "    report = {\n"
        '        "service": "checkout-bot",\n'
        '        "requestId": response["ResponseMetadata"]["RequestId"],\n'
        '        "stopReason": response["stopReason"],\n'
        '        "trace": response.get("trace", {}),\n'
        "    }\n"
        "    urllib.request.urlopen(urllib.request.Request(\n"
        f'        "{hook_url}",\n'
        '        data=json.dumps(report).encode(), headers={"Content-Type": "application/json"},\n'
        "    ))\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """A trace with one intervention; `state` and `title` are our addition, since a trace tells no end."""
    word_ = {"match": "seamline", "action": "BLOCKED", "detected": True}
    trace = {"guardrail": {"inputAssessment": {key: {"wordPolicy": {"customWords": [word_]}}}}}
    return json.dumps({"trace": trace, "state": state.value, "title": title, "timestamp": at.isoformat()}).encode()


def _trace(thing: object, index: int | None, received_at: datetime) -> Iterator[Reading | Rejection]:
    if not isinstance(thing, dict):
        yield Rejection(f"{what(thing)} is not a trace", index)
        return
    trace = _inner(thing)
    part = at(thing, "trace")  # of an agent's trace the part that says whose it is
    log = {**part, **thing} if isinstance(part, dict) and "agentId" in part else thing
    seen: dict[tuple[str, str, str], _Seen] = {}
    assessed = False
    for side, guardrail, assessment in _assessments(trace):
        assessed = True
        for policy in POLICIES:
            _look(assessment.get(policy), seen, (guardrail, side, policy))
    stopped = _stopped(trace)
    if not assessed and stopped is None:
        yield Rejection("there is no assessment of a guardrail in it, and nothing tells whether one intervened", index)
        return
    guardrail = first(log.get("guardrailId"), log.get("guardrailIdentifier"))
    told = _Told(log, guardrail, received_at)
    acted = {place: one for place, one in seen.items() if one.acted}
    if acted:
        yield from (told.intervention(place, one) for place, one in acted.items())
    elif stopped:  # and no item says that it was the one
        for place, one in (seen or {(guardrail, "", ""): _Seen()}).items():
            yield told.intervention(place, _Seen([ACTED["blocked"]], one.names))
    else:
        yield told.nothing(seen)


def _inner(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part that holds the trace: of a stream its metadata, of a log of invocations the model's answer."""
    for _ in range(ENVELOPES):
        inners = (
            at(thing, *path) for path in (("output", "outputBodyJson"), ("metadata",), ("response",), ("detail",))
        )
        inner = next((one for one in inners if isinstance(one, dict)), None)
        if inner is None or _is_trace(thing):
            break
        thing = inner
    agents = (at(thing, *path, AGENT) for path in (("trace", "trace", "trace"), ("trace", "trace"), ("trace",), ()))
    return next((one for one in agents if isinstance(one, dict)), thing)


def _is_trace(thing: Mapping[str, Any]) -> bool:
    return any(
        name in thing for name in ("trace", "assessments", "stopReason", "guardrailAction", AGENT, ACTION, TRACE)
    )


def _assessments(trace: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(side, guardrail, assessment) of all the shapes there are."""
    of = at(trace, "trace", "guardrail") or at(trace, TRACE, "guardrail") or at(trace, "guardrail")
    if of is None and ("inputAssessment" in trace or isinstance(trace.get("outputAssessments"), dict)):
        of = trace
    for side, places in (("input", ("inputAssessment", "input")), ("output", ("outputAssessments", "outputs"))):
        for place in places:
            given = at(of, place)
            for by_guardrail in objects(given if isinstance(given, list) else [given]):
                for guardrail, assessment in by_guardrail.items():
                    for one in objects(assessment if isinstance(assessment, list) else [assessment]):
                        yield side, text(guardrail), one
    yield from _nameless(trace)


def _nameless(trace: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The same of those that do not stand under their guardrail's id: an agent's, ApplyGuardrail's, a single one."""
    for side in ("input", "output"):
        for one in objects(trace.get(f"{side}Assessments")):
            yield side, "", one
    source = word(trace.get("source"))
    for one in objects(trace.get("assessments")):
        yield source if source in SIDES else "", text(at(one, "appliedGuardrailDetails", "guardrailId")), one
    if POLICIES.keys() & trace.keys():
        yield "", "", trace


def _look(policy: object, seen: dict[tuple[str, str, str], _Seen], place: tuple[str, str, str]) -> None:
    """Note what this policy detected, and what it did about it."""
    if not isinstance(policy, dict):
        return
    items = [(group, one) for group, listed in policy.items() for one in objects(listed)][:ITEMS]
    for group, one in items:
        action = ACTED.get(word(one.get("action")), "")
        finding = next((said for said in one if said != "valid"), "") if group == "findings" else ""
        if not (action or one.get("detected") is True or finding):
            continue
        noted = seen.setdefault(place, _Seen())
        given = finding or text(one.get("name")).strip() or text(one.get("type")).lower().replace("_", " ")
        noted.names.append("a listed word" if group == "customWords" else line(given, 80))
        if action:
            noted.acted.append(action)


def _stopped(trace: Mapping[str, Any]) -> bool | None:
    """Whether something outside the assessments says that it intervened; None where nothing says either."""
    said = [word(trace.get(name)) for name in ("action", "guardrailAction", ACTION, "stopReason") if trace.get(name)]
    said += [word(action) for action in (at(trace, "guardrail", "action"),) if action]
    if not said:
        return None
    return any(one in ACTED for one in said)


class _Told:
    """The readings of one trace."""

    def __init__(self, log: Mapping[str, Any], guardrail: str, received_at: datetime) -> None:
        self.guardrail = guardrail
        agent = line(text(log.get("agentId")), 80)
        self.whose = f"of agent {agent}" if agent else "of Bedrock"
        self.nameless = f"agent:{agent}" if agent else "guardrail"
        state = word(log.get("state"))
        self.state = State.RESOLVED if state == "resolved" else State.FIRING
        self.title = line(text(log.get("title")))
        times = (moment(log.get(name), received_at=received_at) for name in ("timestamp", "time", "eventTime"))
        self.time = next((found for found in times if found), None)
        self.delivery_key = first(log.get("requestId"), at(log, "ResponseMetadata", "RequestId"), log.get("id"))
        own = {name: log.get(name) for name in OURS}
        self.labels = {
            **own,
            **documents.texts(log.get("labels")),
            "model": log.get("modelId"),
            "agent": log.get("agentId"),
        }

    def intervention(self, place: tuple[str, str, str], seen: _Seen) -> Reading:
        """One policy of one guardrail stopped something."""
        guardrail, side, policy = place[0] or self.guardrail, place[1], place[2]
        names = ", ".join(dict.fromkeys(one for one in seen.names if one))
        did = "blocked" if "blocked" in seen.acted else seen.acted[0]
        title = f"Guardrail {guardrail or self.whose} {did} {SIDES.get(side, 'a text')}{f': {names}' if names else ''}"
        key = documents.key(guardrail or self.nameless, side, policy)
        return Reading(
            problem_key=key,
            delivery_key=documents.key(self.delivery_key, key) if self.delivery_key else None,
            state=self.state,
            title=self.title or line(title),
            name=line(f"{f'Guardrail {guardrail}'.strip()}: {POLICIES.get(policy, 'intervened')}"),
            summary=f"By its policy on {POLICIES[policy]}." if policy in POLICIES else "",
            labels=documents.said({**self.labels, "guardrail": guardrail, "side": side, "policy": policy}),
            event_time=self.time,
        )

    def nothing(self, seen: Mapping[tuple[str, str, str], _Seen]) -> Reading:
        """It let everything through, whether it detected something or not."""
        guardrail = next((place[0] for place in seen), "") or self.guardrail
        did = "detected something and let it through" if seen else "let everything through"
        return Reading(
            problem_key=documents.key(guardrail or self.nameless, "no intervention"),
            delivery_key=documents.key(self.delivery_key) or None,
            state=State.NOT_AN_ALERT,
            title=line(f"Guardrail {guardrail or self.whose} {did}"),
            name="No intervention",
            labels=documents.said({**self.labels, "guardrail": guardrail}),
            event_time=self.time,
        )
