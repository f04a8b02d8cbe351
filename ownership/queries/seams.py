"""Reads for the page of a seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ownership.models import Dependency, Part
from ownership.queries import graph
from ownership.queries.answers import Answers, answers_of
from ownership.reckoning import latency
from ownership.reckoning.walks import Seam

OUTLIVES_SHOWN = 3


@dataclass(frozen=True)
class SeamPage:
    """A seam, who answers for it, and the services it lies in."""

    seam: Dependency
    answers: Answers
    services: Sequence[Part]
    waits_ms: int | None
    outlives: Sequence[Dependency]  # outer seams that give up before this one does, the most hurried first
    outlives_more: int

    @property
    def is_two_halves(self) -> bool:
        """True when each end has a team that looks after it, two different ones, and nobody answers for the seam."""
        ends = {self.seam.upstream.custodian_id, self.seam.downstream.custodian_id} - {None}
        return len(ends) == 2 and not self.answers.answering.is_answered


def page_of(seam: Dependency, *, at: datetime) -> SeamPage:
    """A seam's page; five queries, one of them recursive, and one more when the seam outlives an outer one."""
    inside = Part.objects.filter(
        component=seam.upstream_id, service__retired_at=None, service__parts__component=seam.downstream_id
    )
    inner = Seam(seam.pk, seam.upstream_id, seam.downstream_id, seam.kind, seam.timeout_ms, seam.attempts)
    outer = latency.outlived_by(inner, graph.upstream_of([seam.upstream_id]))
    named = Dependency.objects.filter(pk__in=[one.id for one in outer]).select_related("upstream", "downstream")
    return SeamPage(
        seam=seam,
        answers=answers_of(seam, at=at),
        services=list(inside.select_related("service").order_by("service__tier", "service__name", "pk")),
        waits_ms=inner.waits_ms,
        outlives=list(named.order_by("timeout_ms", "pk")[:OUTLIVES_SHOWN]),
        outlives_more=len(outer[OUTLIVES_SHOWN:]),
    )
