"""A small worked example: three services, who answers for them, half a year of incidents and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.postmortems import acting, drafting, publishing, reviewing
from incidents.postmortems.models import ActionKind, Section
from incidents.response import findings, lifecycle
from incidents.response.lifecycle import Impact
from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.vocabulary import FindingState
from ownership import assigning, registering, teams
from ownership.cataloguing import Link
from ownership.models import Component, Person, Service
from ownership.registering import NewPart
from ownership.vocabulary import AssignmentRole, Role

PEOPLE = (
    ("Maya Okafor", Role.EDITOR),
    ("Priya Nair", Role.RESPONDER),
    ("Tomás Brandt", Role.RESPONDER),
    ("Jonas Lind", Role.RESPONDER),
)
PARTS = {
    "Support answers": (
        ("Gateway", "gateway"),
        ("Retriever", "retrieval_index"),
        ("Search fallback", "vendor"),
        ("Answer model", "model"),
        ("PII filter", "guardrail"),
    ),
    "Fraud score": (("Event stream", "queue"), ("Feature pipeline", "feature_pipeline"), ("Scorer", "model")),
    "Call summaries": (("Transcriber", "vendor"), ("Summary prompt", "prompt"), ("Nightly eval", "eval_suite")),
}
OUTCOMES = {
    "Support answers": ("Customers get a right answer with its source within two seconds.", "t1", "Priya Nair"),
    "Fraud score": ("Every payment carries a score before it is booked.", "t1", "Tomás Brandt"),
    "Call summaries": ("Agents read a faithful summary one minute after a call.", "t3", None),
}


@dataclass(frozen=True)
class Past:
    """One resolved incident: when (days ago), where, how it looked, what it was."""

    days: float
    service: str
    title: str
    severity: str
    blamed: str
    mode: str
    component: str
    evidence: str
    hours: float


STORY = (
    Past(168, "Support answers", "Answers quote articles deleted in spring", "sev3", "model",
         "data.stale_or_broken_index", "Retriever", "Index built from a snapshot six weeks old.", 30),
    Past(151, "Fraud score", "Scores drop for one merchant group", "sev2", "model",
         "data.silent_null_or_sentinel", "Feature pipeline", "A failed look-up arrived as -1 for 31 % of rows.", 9),
    Past(133, "Support answers", "Answer times out at lunch", "sev2", "model",
         "latency.missing_or_inverted_timeout", "Search fallback", "Inner timeout 20 s, outer 5 s in the trace.", 4),
    Past(117, "Call summaries", "Summaries lost their bullet points", "sev4", "integration",
         "integration.prompt_contract_break", "Summary prompt", "Prompt v31 shipped without its parser.", 20),
    Past(96, "Support answers", "Harmless questions refused", "sev3", "guardrail",
         "guardrail.over_blocking", "PII filter", "Block rate 2 % to 14 % after rule 88.", 7),
    Past(74, "Fraud score", "Score service slow for an hour", "sev2", "latency",
         "latency.capacity_exhaustion", "Scorer", "Connection pool at its limit, queue age 40 s.", 2),
    Past(58, "Support answers", "Search provider brown-out took answers down", "sev1", "model",
         "integration.retry_amplification", "Search fallback", "9 calls a question in the traces: 3 tries times 3.", 3),
    Past(41, "Fraud score", "Chargebacks up, scores looked normal", "sev2", "data",
         "evaluation.offline_only_eval", "Scorer", "No live score was compared with its outcome since launch.", 140),
    Past(29, "Call summaries", "Summaries invent a refund", "sev2", "model",
         "model.behaviour_change", "Transcriber", "Same input, other output since the vendor's update.", 26),
    Past(12, "Support answers", "Wrong tenant's article cited", "sev1", "guardrail",
         "integration.retrieval_filter_mismatch", "Retriever", "The tenant filter was optional in index v12.", 5),
)  # fmt: skip


@transaction.atomic
def fill(*, now: datetime) -> bool:
    """Fill an installation that has no service yet; False when it has some."""
    if Service.objects.exists():
        return False
    people = {name: _person(name, role, now) for name, role in PEOPLE}
    maya = people["Maya Okafor"]
    team = teams.create(name="Answers team", by=maya, now=now)
    for name in ("Maya Okafor", "Priya Nair"):
        teams.add_member(team, people[name], by=maya, now=now)
    services = {name: _service(name, people, by=maya, now=now) for name in PARTS}
    deputy = services["Support answers"]
    begin = now - timedelta(days=200)
    assigning.assign(subject=deputy, role=AssignmentRole.DEPUTY, party=team, since=begin, by=maya, now=now)
    for past in STORY:
        _happened(past, services[past.service], people, now=now)
    _review(Incident.objects.get(title__startswith="Search provider"), people, now=now)
    _still_open(services, people, now=now)
    return True


def _person(name: str, role: str, now: datetime) -> Person:
    email = f"{name.split(maxsplit=1)[0].lower().replace('á', 'a')}@example.org"
    return Person.objects.create_user(email, None, name=name, role=role, joined_at=now - timedelta(days=210))


def _service(name: str, people: dict[str, Person], *, by: Person, now: datetime) -> Service:
    outcome, tier, owner = OUTCOMES[name]
    slug = name.lower().replace(" ", "-")
    service = registering.register(
        name=name,
        outcome=outcome,
        tier=tier,
        by=by,
        now=now,
        links=[
            Link("runbook", f"Runbook of {name.lower()}", f"https://wiki.example.org/runbooks/{slug}"),
            Link("dashboard", "Quality and latency", f"https://graphs.example.org/{slug}"),
        ],
        parts=[NewPart(part, kind) for part, kind in PARTS[name]],
    )
    if owner:
        since = now - timedelta(days=200)
        assigning.assign(
            subject=service, role=AssignmentRole.ACCOUNTABLE, party=people[owner], since=since, by=by, now=now
        )
    return service


def _happened(past: Past, service: Service, people: dict[str, Person], *, now: datetime) -> None:
    began = now - timedelta(days=past.days)
    maya, jonas = people["Maya Okafor"], people["Jonas Lind"]
    incident = _declare(past.title, service, past.severity, past.blamed, by=jonas, at=began, component=past.component)
    lifecycle.acknowledge(incident, by=maya, now=began + timedelta(minutes=17))
    lifecycle.note(incident, text=past.evidence, by=maya, now=began + timedelta(minutes=50))
    ended = began + timedelta(hours=past.hours)
    mode = FailureMode.objects.get(code=past.mode)
    lifecycle.resolve(incident, by=maya, now=ended, mode=mode, evidence=past.evidence)


def _declare(
    title: str, service: Service | None, severity: str, blamed: str, *, by: Person, at: datetime, component: str = ""
) -> Incident:
    incident = lifecycle.declare(
        title=title,
        service=service,
        severity=severity,
        impact="Seen by some users before any monitor.",
        began=Impact("minute", at - timedelta(minutes=25)),
        detected_by="user_report",
        first_blame=blamed,
        by=by,
        now=at,
    )
    part = Component.objects.filter(name=component).first()
    if part is not None and service is not None:
        lifecycle.set_service(incident, service=service, component=part, by=by, now=at, why="seen in the traces")
    return incident


def _review(incident: Incident, people: dict[str, Person], *, now: datetime) -> None:
    """One postmortem all the way to published, with two findings and an action each."""
    maya, at = people["Maya Okafor"], now - timedelta(days=50)
    postmortem = drafting.start(incident, by=maya, now=at)
    text = (
        "Two layers retried the same provider: three tries in the retriever times three in its client made nine calls "
        "of each question. We believed that a fallback could only help."
    )
    for section in Section.objects.filter(postmortem=postmortem):
        if not section.text:
            drafting.save_section(section, text=text, on_revision=section.revision, by=maya, now=at)
    reviewing.confirm(postmortem, Finding.objects.get(incident=incident, superseded_at=None), by=maya, now=at)
    gap: dict[str, Any] = {"role": "containment_gap", "evidence": "Nobody was named for the seam to the provider."}
    mode = FailureMode.objects.get(code="org.vendor_boundary")
    findings.record(incident, mode=mode, state=FindingState.REVIEWED, by=maya, now=at, **gap)
    for finding in Finding.objects.filter(incident=incident, superseded_at=None):
        acting.add(
            postmortem,
            title="One retrying layer with a budget of 10 %" if finding.primary else "Name an owner for the seam",
            kind=ActionKind.BACK_PRESSURE if finding.primary else ActionKind.OWNERSHIP_CHANGE,
            owner=people["Tomás Brandt"],
            due_on=(now + timedelta(days=14)).date(),
            done_when="A load test with a slow provider stays under 1.3 calls a question.",
            finding_line=finding.line,
            by=maya,
            now=at,
        )
    publishing.publish(postmortem, by=maya, now=at + timedelta(days=1))


def _still_open(services: dict[str, Service], people: dict[str, Person], *, now: datetime) -> None:
    maya, priya, jonas = people["Maya Okafor"], people["Priya Nair"], people["Jonas Lind"]
    answers = services["Support answers"]
    slow = _declare(
        "p99 of answer latency 3.4 s, budget 1.2 s", answers, "sev2", "model",
        by=priya, at=now - timedelta(minutes=41), component="Search fallback",
    )  # fmt: skip
    lifecycle.acknowledge(slow, by=maya, now=now - timedelta(minutes=38))
    told = "Traces: the model call is steady at 310 ms. Search fallback saturated since the config of 12:48."
    lifecycle.note(slow, text=told, by=maya, now=now - timedelta(minutes=20))
    _declare("Order numbers pasted as images pass the PII filter", answers, "sev3", "guardrail",
             by=jonas, at=now - timedelta(hours=26))  # fmt: skip
    _declare("Nightly eval did not run for two nights", services["Call summaries"], "sev3", "",
             by=jonas, at=now - timedelta(hours=3))  # fmt: skip
    _declare("HighErrorRate on checkout-ranker", None, "pending", "", by=jonas, at=now - timedelta(minutes=4))
