"""What a dry run looks like over /api/v1/."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.alerts.rehearsing import Rehearsal


class SampleSerializer(serializers.Serializer[Any]):
    """One stored alert: what became of it, what would have."""

    alert = serializers.IntegerField(source="alert.pk")
    title = serializers.CharField(source="alert.title")
    incident = serializers.IntegerField(source="alert.incident_id", allow_null=True)
    was = serializers.CharField()
    would = serializers.CharField()
    why = serializers.CharField()


class RehearsalSerializer(serializers.Serializer[Rehearsal]):
    """A dry run over the newest `limit` alerts of the last `days` days; `bounded` when there may be older ones."""

    looked_at = serializers.IntegerField()
    bounded = serializers.BooleanField()
    days = serializers.IntegerField()
    limit = serializers.IntegerField()
    matched = serializers.IntegerField()
    first = serializers.IntegerField()
    decided = serializers.IntegerField()
    elsewhere = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    samples = SampleSerializer(many=True)
