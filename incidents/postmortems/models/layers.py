"""Which layers a postmortem looks at, and what it says of those that were not it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from incidents.postmortems.models.postmortems import Postmortem
from incidents.postmortems.questions import SIX
from incidents.postmortems.vocabulary import Stance
from incidents.response.vocabulary import Layer
from ownership.models import Component, Dependency, Person, Service

WHOLE = "Whole answer"


class LayerTag(models.Model):
    """A layer that people tagged, so that it asks its questions. Untagging ends the row; tagging again is a new one."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="layer_tags")
    layer = models.CharField(max_length=11, choices=Layer.choices)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    untagged_at = models.DateTimeField(null=True, blank=True)
    untagged_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["postmortem", "layer"], condition=Q(untagged_at__isnull=True), name="layer_tag_once"
            ),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="layer_tag_layer_known"),
            models.CheckConstraint(
                condition=Q(untagged_at__isnull=True, untagged_by__isnull=True)
                | Q(untagged_at__isnull=False, untagged_by__isnull=False),
                name="layer_tag_ended_pair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["layer", "-at"], condition=Q(untagged_at__isnull=True), name="layer_tag_of_layer")
        ]

    def __str__(self) -> str:
        return f"{self.layer} tagged on {self.postmortem}"


class RulingOut(models.Model):
    """What is said of a layer that nothing rules out; a line that does is a section. The later word supersedes."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="rulings_out")
    layer = models.CharField(max_length=11, choices=[(layer.value, layer.label) for layer in SIX])
    stance = models.CharField(max_length=15, choices=Stance.choices, default=Stance.NOT_ESTABLISHED)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["postmortem", "layer"], condition=Q(superseded_at__isnull=True), name="ruling_out_once"
            ),
            models.CheckConstraint(
                condition=Q(layer__in=[layer.value for layer in SIX]), name="ruling_out_layer_is_of_six"
            ),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="ruling_out_stance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.layer}: {self.get_stance_display().lower()}"


class StageLatency(models.Model):
    """How long one stage took beside what it may take, in ms; what is not known is empty.

    A stage is the whole service, a component, a seam, or goes by a name of its own. A correction supersedes: the old
    row stays, the new one carries on its `line`.
    """

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="stage_latencies")
    line = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dependency = models.ForeignKey(Dependency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    budget_ms = models.PositiveIntegerField(null=True, blank=True)
    p50_ms = models.PositiveIntegerField(null=True, blank=True)
    p95_ms = models.PositiveIntegerField(null=True, blank=True)
    p99_ms = models.PositiveIntegerField(null=True, blank=True)
    measured_from = models.DateTimeField(null=True, blank=True)
    measured_until = models.DateTimeField(null=True, blank=True)
    shown_by = models.CharField(max_length=500, blank=True, help_text="What shows it: a trace, a graph, a query.")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(superseded_at__isnull=True), name="stage_one_current_version"
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=False, component__isnull=True, dependency__isnull=True, name="")
                | Q(service__isnull=True, component__isnull=False, dependency__isnull=True, name="")
                | Q(service__isnull=True, component__isnull=True, dependency__isnull=False, name="")
                | Q(service__isnull=True, component__isnull=True, dependency__isnull=True) & ~Q(name=""),
                name="stage_is_one_thing",
            ),
            models.CheckConstraint(
                condition=(Q(p50_ms__isnull=True) | Q(p95_ms__isnull=True) | Q(p50_ms__lte=F("p95_ms")))
                & (Q(p95_ms__isnull=True) | Q(p99_ms__isnull=True) | Q(p95_ms__lte=F("p99_ms")))
                & (Q(p50_ms__isnull=True) | Q(p99_ms__isnull=True) | Q(p50_ms__lte=F("p99_ms"))),
                name="stage_percentiles_rise",
            ),
            models.CheckConstraint(
                condition=Q(measured_from__isnull=True)
                | Q(measured_until__isnull=True)
                | Q(measured_from__lte=F("measured_until")),
                name="stage_window_in_order",
            ),
            models.CheckConstraint(
                condition=Q(budget_ms__isnull=True) | Q(budget_ms__gt=0), name="stage_budget_above_nothing"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["postmortem", "position"], condition=Q(superseded_at__isnull=True), name="stage_of_postmortem"
            ),
            models.Index(
                fields=["service", "known_from"], condition=Q(superseded_at__isnull=True), name="stage_of_service"
            ),
            models.Index(
                fields=["component", "known_from"], condition=Q(superseded_at__isnull=True), name="stage_of_component"
            ),
            models.Index(
                fields=["dependency", "known_from"], condition=Q(superseded_at__isnull=True), name="stage_of_seam"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How the stage is called: `Whole answer`, a component, `Gateway → Retriever`, or its own name."""
        if self.service_id:
            return WHOLE
        return str(self.component or self.dependency or self.name)

    @property
    def is_whole(self) -> bool:
        """True for the row of the whole service, from request to answer."""
        return self.service_id is not None

    @property
    def is_measured(self) -> bool:
        """True when any of the observed values is known."""
        return any(value is not None for value in (self.p50_ms, self.p95_ms, self.p99_ms))

    @property
    def in_order(self) -> list[tuple[str, int | None]]:
        """Its numbers with their names, as a table shows them."""
        return [("Budget", self.budget_ms), ("p50", self.p50_ms), ("p95", self.p95_ms), ("p99", self.p99_ms)]

    @property
    def over(self) -> str:
        """The lowest percentile that is over the budget (`p50`, `p95`, `p99`); nothing when none is, or unknown."""
        if self.budget_ms is None:
            return ""
        for name in ("p50", "p95", "p99"):
            observed = getattr(self, f"{name}_ms")
            if observed is not None and observed > self.budget_ms:
                return name
        return ""
