"""Components, services, the parts that make a service, and the seams between components."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ownership.models.people import Team
from ownership.vocabulary import Archetype, ComponentKind, DependencyKind, Lifecycle, LinkKind, PartRole, Tier


class Component(models.Model):
    """A part of the system. A retired name may be used again by another component, which inherits nothing."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=ComponentKind.choices)
    description = models.TextField(blank=True)
    lifecycle = models.CharField(max_length=12, choices=Lifecycle.choices, default=Lifecycle.PRODUCTION)
    labels = models.JSONField(default=dict, blank=True, help_text="Own words of an organisation: text to text.")
    custodian = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="components", help_text="Technical team."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(retired_at__isnull=True), name="component_name_once_among_living"
            ),
            models.CheckConstraint(condition=Q(kind__in=ComponentKind.values), name="component_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="component_has_name"),
            models.CheckConstraint(condition=Q(lifecycle__in=Lifecycle.values), name="component_lifecycle_known"),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["labels"], opclasses=["jsonb_path_ops"], name="component_by_label"),
            models.Index(fields=["name", "id"], condition=Q(retired_at__isnull=True), name="component_living_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """How another system calls a component: its label and value, such as `component` = `retriever`."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="aliases")
    system = models.CharField(max_length=80, help_text="The label's name, such as `component` or `job`.")
    key = models.CharField(max_length=200, help_text="Its value.")

    class Meta:
        verbose_name_plural = "aliases"
        constraints: ClassVar = [models.UniqueConstraint("system", Lower("key"), name="alias_once")]
        indexes: ClassVar = [
            models.Index(OpClass(Lower("key"), name="text_pattern_ops"), name="alias_by_beginning"),
        ]

    def __str__(self) -> str:
        return f"{self.system}={self.key}"


class ComponentLink(models.Model):
    """Something to have at hand when the component fails."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    label = models.CharField(max_length=120)
    url = models.URLField(max_length=500)

    def __str__(self) -> str:
        return f"{self.label} ({self.url})"


class Service(models.Model):
    """An end-to-end outcome that users see."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=130, unique=True)
    outcome = models.CharField(max_length=300, help_text="What users get when it works, in one sentence.")
    tier = models.CharField(max_length=2, choices=Tier.choices, default=Tier.T2)
    archetype = models.CharField(max_length=10, choices=Archetype.choices, default=Archetype.OTHER)
    objective = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Percent of interactions that must be good, over 30 days.",
    )
    latency_budget_ms = models.PositiveIntegerField(null=True, blank=True, help_text="At the percentile beside it.")
    latency_percentile = models.DecimalField(
        max_digits=5, decimal_places=3, null=True, blank=True, help_text="Such as 95 or 99.9."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    components: models.ManyToManyField[Component, Part] = models.ManyToManyField(
        Component, through="Part", related_name="services"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(retired_at__isnull=True), name="service_name_once_among_living"
            ),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="service_tier_known"),
            models.CheckConstraint(condition=Q(archetype__in=Archetype.values), name="service_archetype_known"),
            models.CheckConstraint(
                condition=Q(objective__isnull=True) | Q(objective__gt=0, objective__lt=100),
                name="service_objective_is_share",
            ),
            models.CheckConstraint(
                condition=Q(latency_budget_ms__isnull=True, latency_percentile__isnull=True)
                | Q(
                    latency_budget_ms__isnull=False,
                    latency_budget_ms__gt=0,
                    latency_percentile__isnull=False,
                    latency_percentile__gt=0,
                    latency_percentile__lt=100,
                ),
                name="service_budget_at_percentile",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tier_name(self) -> str:
        """`Tier 1`, where its meaning stands elsewhere."""
        return Tier(self.tier).short

    def label_of(self, name: str) -> str:
        """A part's name without the service's own in front: `Gateway` for `Support answers · Gateway`."""
        return name.removeprefix(f"{self.name} · ") or name


class ServiceLink(models.Model):
    """Something to have at hand when the service fails."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    label = models.CharField(max_length=120)
    url = models.URLField(max_length=500)

    def __str__(self) -> str:
        return f"{self.label} ({self.url})"


class Part(models.Model):
    """A component's place in a service: its role, and its position on the request's path."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="parts")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="parts")
    role = models.CharField(max_length=10, choices=PartRole.choices, default=PartRole.CRITICAL)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "component"], name="part_once"),
            models.CheckConstraint(condition=Q(role__in=PartRole.values), name="part_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.component} in {self.service}"


class Dependency(models.Model):
    """A seam: `upstream` needs `downstream`. Cycles are legal."""

    upstream = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="seams_out")
    downstream = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="seams_in")
    kind = models.CharField(max_length=10, choices=DependencyKind.choices, default=DependencyKind.CALL)
    timeout_ms = models.PositiveIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(null=True, blank=True, help_text="First try included.")
    latency_share = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        help_text="Percent of a service's latency budget that the downstream may take.",
    )
    contract_url = models.URLField(max_length=500, blank=True)
    unit = models.CharField(max_length=200, blank=True, help_text="Unit or meaning that the reader expects.")
    freshness_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Oldest data still good enough.")

    class Meta:
        verbose_name_plural = "dependencies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upstream", "downstream", "kind"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(upstream=F("downstream")), name="dependency_between_two"),
            models.CheckConstraint(condition=Q(kind__in=DependencyKind.values), name="dependency_kind_known"),
            models.CheckConstraint(
                condition=Q(latency_share__isnull=True) | Q(latency_share__gt=0, latency_share__lte=100),
                name="dependency_share_is_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upstream} → {self.downstream}"
