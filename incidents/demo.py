"""A small worked example: three services, who answers for them, half a year of incidents and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from incidents import demo_actions, demo_changes, demo_examples, demo_layers
from incidents.postmortems import drafting, publishing, reviewing
from incidents.postmortems.models import Section
from incidents.response import (
    anchors,
    escalating,
    findings,
    handing_off,
    impacts,
    lifecycle,
    noting,
    participating,
    pinning,
    saving,
)
from incidents.response.impacts import Facts, Impact
from incidents.response.models import Escalation, FailureMode, Finding, Incident
from incidents.response.vocabulary import EscalationEnd, FindingState, Green
from ownership import assigning, channels, confirming, registering, teams
from ownership.cataloguing import Link, Promises
from ownership.models import Component, Person, Service, Team
from ownership.registering import NewPart, NewSeam
from ownership.vocabulary import Archetype, AssignmentRole, PartRole, Role

PEOPLE = (
    ("Maya Okafor", Role.EDITOR),
    ("Priya Nair", Role.RESPONDER),
    ("Tomás Brandt", Role.RESPONDER),
    ("Jonas Lind", Role.RESPONDER),
)
TEAMS = {
    "Answers team": (("Maya Okafor", "Priya Nair"), ("Gateway", "Retriever", "Answer model", "PII filter")),
    "Fraud platform": (("Tomás Brandt", "Jonas Lind"), ("Scorer", "Feature pipeline", "Event stream")),
}
BEGUN = timedelta(days=200)
CONFIRMED = {"Support answers": timedelta(days=20), "Fraud score": timedelta(days=110)}  # ago; the latter is stale
PARTS = {
    "Support answers": (
        NewPart("Gateway", "gateway", PartRole.ENTRY),
        NewPart("Retriever", "retrieval_index"),
        NewPart("Search fallback", "vendor", PartRole.FALLBACK),
        NewPart("Answer model", "model"),
        NewPart("PII filter", "guardrail"),
    ),
    "Fraud score": (
        NewPart("Scorer", "model", PartRole.ENTRY),
        NewPart("Feature pipeline", "feature_pipeline"),
        NewPart("Event stream", "queue"),
    ),
    "Call summaries": (
        NewPart("Summary prompt", "prompt", PartRole.ENTRY),
        NewPart("Transcriber", "vendor"),
        NewPart("Nightly eval", "eval_suite", PartRole.SUPPORTING),
    ),
}
# By places among the parts above. The gateway waits 5 s for a retriever that waits three times 20 s for its fallback,
# each of three times: the inverted timeout and the amplified retries of the story below.
SEAMS = {
    "Support answers": (
        NewSeam(0, 1, "call", {"timeout_ms": 5000, "attempts": 3, "latency_share": Decimal(25)}),
        NewSeam(1, 2, "call", {"timeout_ms": 20000, "attempts": 3, "latency_share": Decimal(20)}),
        NewSeam(0, 3, "call", {"timeout_ms": 1000, "attempts": 1, "latency_share": Decimal(40)}),
        NewSeam(0, 4, "call", {"timeout_ms": 200, "attempts": 1, "latency_share": Decimal(10)}),
    ),
    "Fraud score": (
        NewSeam(0, 1, "call", {"timeout_ms": 80, "attempts": 1, "latency_share": Decimal(45)}),
        NewSeam(
            1, 2, "event",
            {"unit": "Amounts in cents; null means that the look-up failed, never -1", "freshness_minutes": 5},
        ),
    ),
    "Call summaries": (NewSeam(0, 1, "data", {}), NewSeam(2, 0, "call", {})),
}  # fmt: skip
OUTCOMES = {
    "Support answers": ("Customers get a right answer with its source within two seconds.", "t1", "Priya Nair"),
    "Fraud score": ("Every payment carries a score before it is booked.", "t1", "Tomás Brandt"),
    "Call summaries": ("Agents read a faithful summary one minute after a call.", "t3", None),
}
PROMISES: dict[str, Promises] = {
    "Support answers": {
        "archetype": Archetype.RAG, "objective": Decimal(99), "latency_budget_ms": 1200,
        "latency_percentile": Decimal(99),
    },
    "Fraud score": {
        "archetype": Archetype.SCORING, "objective": Decimal("99.9"), "latency_budget_ms": 200,
        "latency_percentile": Decimal(99),
    },
    "Call summaries": {"objective": Decimal(95)},
}  # fmt: skip


VIEWS = {
    "Answers team": "team=answers-team",
    "Blamed on the model": "state=all&layer=model&period=365d",
}  # of the board, by their filters


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
    services = {name: _service(name, people, by=maya, now=now) for name in PARTS}
    _teams(services, people, by=maya, now=now)
    for past in STORY:
        _happened(past, services[past.service], people, now=now)
    brown_out = Incident.objects.get(title__startswith="Search provider")
    anchors.check(brown_out, by=maya, now=now - timedelta(days=51))
    _review(brown_out, people, now=now)
    _begin_review(Incident.objects.get(title="Harmless questions refused"), people, now=now)
    _still_open(services, people, now=now)
    _tell(now=now)
    jonas = people["Jonas Lind"]
    _declare("HighErrorRate on checkout-ranker", None, "pending", "", by=jonas, at=now - timedelta(minutes=4))
    escalating.sweep(now=now - timedelta(minutes=4))
    demo_changes.record(by=maya, now=now)
    demo_examples.record(by=maya, now=now)
    for name, query in VIEWS.items():
        saving.save(name=name, query=query, shared=True, default=False, by=maya, now=now)
    return True


def _person(name: str, role: str, now: datetime) -> Person:
    email = f"{name.split(maxsplit=1)[0].lower().replace('á', 'a')}@example.org"
    return Person.objects.create_user(email, None, name=name, role=role, joined_at=now - timedelta(days=210))


def _service(name: str, people: dict[str, Person], *, by: Person, now: datetime) -> Service:
    outcome, tier, owns = OUTCOMES[name]
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
        parts=PARTS[name],
        seams=SEAMS[name],
        **PROMISES[name],
    )
    if owns:
        begin, owner = now - BEGUN, people[owns]
        role = AssignmentRole.ACCOUNTABLE
        row = assigning.assign(subject=service, role=role, party=owner, since=begin, by=by, now=begin)
        confirming.confirm(row, by=owner, now=now - CONFIRMED[name])
    return service


def _teams(services: dict[str, Service], people: dict[str, Person], *, by: Person, now: datetime) -> None:
    """Two teams, what they look after, and one that stands in; nobody looks after what is bought, nor the summaries."""
    begin = now - BEGUN
    for name, (members, looks_after) in TEAMS.items():
        team = teams.create(name=name, members=[people[one] for one in members], by=by, now=now)
        Component.objects.filter(name__in=looks_after).update(custodian=team)
    assigning.assign(
        subject=services["Support answers"],
        role=AssignmentRole.DEPUTY,
        party=Team.objects.get(name="Answers team"),
        answering=by,
        since=begin,
        by=by,
        now=begin,
    )
    _told(Team.objects.get(name="Answers team"), by=by, now=now)


def _told(team: Team, *, by: Person, now: datetime) -> None:
    """The team has a channel, switched off because it leads nowhere; the editor wants quiet nights and weekends."""
    channel = channels.add(team, address="jsons://chat.example.org/answers", label="#answers", by=by, now=now)
    channels.edit(channel, label="#answers", muted=[], enabled=False, by=by, now=now)
    night: dict[str, Any] = {"quiet_from": time(22), "quiet_until": time(7), "quiet_days": range(5)}
    channels.set_manner(by, time_zone="Europe/Berlin", whole_days=[5, 6], by=by, now=now, **night)


def _happened(past: Past, service: Service, people: dict[str, Person], *, now: datetime) -> None:
    began = now - timedelta(days=past.days)
    maya, jonas = people["Maya Okafor"], people["Jonas Lind"]
    incident = _declare(past.title, service, past.severity, past.blamed, by=jonas, at=began, component=past.component)
    lifecycle.acknowledge(incident, by=maya, now=began + timedelta(minutes=17))
    lifecycle.note(incident, text=past.evidence, by=maya, now=began + timedelta(minutes=50))
    ended = began + timedelta(hours=past.hours)
    lifecycle.mitigate(incident, by=maya, now=began + timedelta(hours=past.hours * 0.6))
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
        if section.required and not section.text:
            drafting.save_section(section, text=text, on_revision=section.revision, by=maya, now=at)
    reviewing.confirm(postmortem, Finding.objects.get(incident=incident, superseded_at=None), by=maya, now=at)
    gap: dict[str, Any] = {"role": "containment_gap", "evidence": "Nobody was named for the seam to the provider."}
    mode = FailureMode.objects.get(code="org.vendor_boundary")
    findings.record(incident, mode=mode, state=FindingState.REVIEWED, by=maya, now=at, **gap)
    demo_layers.fill(postmortem, by=maya, now=at)
    demo_actions.decide(postmortem, people, now=now)
    publishing.publish(postmortem, by=maya, now=at + timedelta(days=1))
    demo_actions.go_on(postmortem, people, now=now)


def _begin_review(incident: Incident, people: dict[str, Person], *, now: datetime) -> None:
    """A draft that follows the template its incident asks for, with its first words."""
    priya, at = people["Priya Nair"], now - timedelta(days=2)
    postmortem = drafting.start(incident, by=priya, now=at)
    text = (
        "The PII filter, rule 88: no account numbers in questions or answers. It was widened after a complaint, and "
        "since then it also matches order numbers, by which most customers begin."
    )
    section = Section.objects.get(postmortem=postmortem, key="rule")
    drafting.save_section(section, text=text, on_revision=section.revision, by=priya, now=at)


def _still_open(services: dict[str, Service], people: dict[str, Person], *, now: datetime) -> None:
    maya, priya, jonas = people["Maya Okafor"], people["Priya Nair"], people["Jonas Lind"]
    answers = services["Support answers"]
    slow = _declare(
        "p99 of answer latency 3.4 s, budget 1.2 s", answers, "sev2", "model",
        by=priya, at=now - timedelta(minutes=41), component="Search fallback",
    )  # fmt: skip
    lifecycle.acknowledge(slow, by=maya, now=now - timedelta(minutes=38))
    told = "Traces: the model call is steady at 310 ms. Search fallback saturated since the config of 12:48."
    at = {minutes: now - timedelta(minutes=minutes) for minutes in (8, 9, 12, 19, 20, 66)}
    pinning.pin(noting.note(slow, text=told, by=maya, now=at[20]), by=maya, now=at[19])
    when = noting.When(at[66], "minute", "https://status.example.org/search/brown-out")
    noting.fact(slow, text="The provider’s status page: slow answers", when=when, by=priya, now=at[12])
    asked = noting.note(slow, text="@priya can you try it without the fallback?", by=maya, now=at[9])
    noting.revise(asked, seen=1, text="@priya can we switch the fallback off?", by=maya, now=at[8])
    partial = Facts(
        slice="EN tickets", share_from=Decimal(18), reproduced=9, tries=20, monitors_green=Green.YES,
        prompt_version="v31", index_version="2026-11-19",
    )  # fmt: skip
    impacts.state(slow, facts=partial, by=maya, now=now - timedelta(minutes=18))
    for to, by, reason, ago in (
        (people["Tomás Brandt"], maya, "The saturated pool is his; the model is fine.", 16),
        (maya, people["Tomás Brandt"], "Pool is at its limit, but the calls come from your retriever.", 9),
    ):
        handing_off.give(slow, to=to, reason=reason, by=by, now=now - timedelta(minutes=ago))
    for role, person in (("lead", maya), ("scribe", priya)):
        participating.give_role(slow, role, to=person, by=person, now=now - timedelta(minutes=8))
    _declare("Order numbers pasted as images pass the PII filter", answers, "sev3", "guardrail",
             by=jonas, at=now - timedelta(hours=26))  # fmt: skip
    _declare("Nightly eval did not run for two nights", services["Call summaries"], "sev3", "",
             by=jonas, at=now - timedelta(hours=3))  # fmt: skip


def _tell(*, now: datetime) -> None:
    """What the ladder told of what is still open; of what was over long ago nobody hears today."""
    over = Escalation.objects.filter(incident__resolved_at__isnull=False)
    over.update(ended_at=now, ended_how=EscalationEnd.RESOLVED)
    for minutes in (25, 9):
        escalating.sweep(now=now - timedelta(minutes=minutes))
