"""What the charts count, a row for each incident and each current finding; written by triggers only.

The tables hold nothing of their own: the functions `seamline_pattern_incidents` and `seamline_pattern_findings`
give the same rows from what was recorded when asked for 'infinity', and what was known then when asked for an earlier
instant.
Private incidents are in both; every reader asks `queries.facts` for a scope, which knows who may see what.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.vocabulary import Layer
from ownership.models import Component, Dependency, Service

BITS = {layer: 1 << place for place, layer in enumerate(Layer.values)}  # as seamline_layer_bit has them
_COUNTED = Q(counted=True)


class PatternIncident(models.Model):
    """An incident with its times, its impact and the layers found in it. `counted` is false for what charts leave out:
    merged into another, or alerts of which none is real: tests, and reports that turned out to be no problem."""

    incident = models.OneToOneField(
        Incident, primary_key=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    detected_at = models.DateTimeField()
    service = models.ForeignKey(
        Service, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    severity = models.CharField(max_length=8)
    type = models.CharField(max_length=13)
    detected_by = models.CharField(max_length=14)
    private = models.BooleanField()
    counted = models.BooleanField()
    impact_from = models.DateTimeField(null=True)
    impact_until = models.DateTimeField(null=True)
    impact_precision = models.CharField(max_length=8)
    acknowledged_at = models.DateTimeField(null=True)
    identified_at = models.DateTimeField(null=True)
    mitigated_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    share_from = models.DecimalField(max_digits=6, decimal_places=3, null=True, help_text="Percent of the traffic.")
    share_until = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    monitors_green = models.CharField(max_length=7)
    owned = models.BooleanField(null=True, help_text="Somebody was accountable when it opened; empty: not recorded.")
    first_blame = models.CharField(max_length=11)
    suggested_layer = models.CharField(max_length=11)
    primary_layer = models.CharField(max_length=11)
    primary_state = models.CharField(max_length=11)
    reviewed = models.SmallIntegerField(help_text="The layers of its reviewed findings, a bit each: see BITS.")
    provisional = models.SmallIntegerField(help_text="The layers of its provisional findings, a bit each.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["detected_at"], condition=_COUNTED, name="pattern_incident_detected"),
            models.Index(fields=["service", "detected_at"], condition=_COUNTED, name="pattern_incident_service"),
            models.Index(Coalesce("mitigated_at", "resolved_at"), condition=_COUNTED, name="pattern_incident_over"),
        ]

    def __str__(self) -> str:
        return f"INC-{self.incident_id}"


class PatternFinding(models.Model):
    """A current finding, with what its incident is filtered by."""

    finding = models.OneToOneField(
        Finding, primary_key=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    incident = models.ForeignKey(Incident, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+")
    detected_at = models.DateTimeField()
    service = models.ForeignKey(
        Service, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    severity = models.CharField(max_length=8)
    detected_by = models.CharField(max_length=14)
    private = models.BooleanField()
    counted = models.BooleanField()
    layer = models.CharField(max_length=11)
    mode = models.ForeignKey(
        FailureMode, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    component = models.ForeignKey(
        Component, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    dependency = models.ForeignKey(
        Dependency, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    role = models.CharField(max_length=15)
    confidence = models.CharField(max_length=9)
    is_primary = models.BooleanField()
    state = models.CharField(max_length=11)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["detected_at"], condition=_COUNTED, name="pattern_finding_detected"),
            models.Index(
                fields=["service", "layer", "mode", "detected_at"], condition=_COUNTED, name="pattern_finding_recurs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer} of INC-{self.incident_id}"
