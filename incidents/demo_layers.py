"""What the published review of the worked example says of layers: answers, what cleared the model, where time went."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from incidents.postmortems import drafting, measuring
from incidents.postmortems.measuring import Stage
from incidents.postmortems.models import Postmortem, Section
from ownership.models import Dependency, Person

ANSWERS = {
    "q-integration-retries": "Three tries in the retriever times three in its client: nine calls of each question.",
    "q-integration-retry-budget": "The client alone, with 10 % of normal traffic; after that it gives up at once.",
    "q-integration-fallback": "The fallback, at full load for the first time. It is slower than what it replaces.",
    "q-org-answered": "Nobody, for the seam to the provider: 112 days, as the catalogue had it then.",
    "q-org-vendor": "From now on the search team, with the switch that turns the fallback off.",
    "out-model": "The model call was steady at 310 ms p99 the whole time (trace 13:14).",
}
OBSERVED = {  # p50, p95, p99 in ms by the callee of a seam; "" is the whole answer
    "": (900, 2900, 4100),
    "Retriever": (210, 1300, 1900),
    "Search fallback": (190, 1210, 1800),
    "Answer model": (240, 290, 310),
}


def fill(postmortem: Postmortem, *, by: Person, now: datetime) -> None:
    """Answers to a few questions, and latencies of some stages; the rest stays open, as it does in life."""
    for section in Section.objects.filter(postmortem=postmortem, key__in=ANSWERS):
        drafting.save_section(section, text=ANSWERS[section.key], on_revision=section.revision, by=by, now=now)
    incident = postmortem.incident
    service = incident.service
    if service is None or not service.latency_budget_ms:
        return
    whole = Stage(service=service, budget_ms=service.latency_budget_ms)
    inside = service.components.all()
    seams = Dependency.objects.filter(upstream__in=inside, downstream__in=inside, latency_share__isnull=False)
    stages = [_observed(whole, "", postmortem)]
    for seam in seams.select_related("upstream", "downstream").order_by("pk"):
        budget = round(service.latency_budget_ms * float(seam.latency_share or 0) / 100)
        stage = Stage(dependency=seam, budget_ms=budget)
        stages.append(_observed(stage, service.label_of(seam.downstream.name), postmortem))
    measuring.record(postmortem, stages=stages, by=by, now=now)


def _observed(stage: Stage, callee: str, postmortem: Postmortem) -> Stage:
    """The stage with what was seen of it; one that nobody looked at stays unknown."""
    if callee not in OBSERVED:
        return stage
    p50, p95, p99 = OBSERVED[callee]
    incident = postmortem.incident
    return replace(
        stage,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        measured_from=incident.impact_from,
        measured_until=incident.mitigated_at,
        shown_by="traces of that hour",
    )
