"""Acknowledging and resolving many incidents at once over the API: shapes and the answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.response.api.shapes import AcknowledgeSerializer, ResolveSerializer
from incidents.response.bulk import MOST, Found


class _Numbers(serializers.Serializer[Any]):
    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=MOST
    )


class AcknowledgeManySerializer(_Numbers, AcknowledgeSerializer):
    """Which, and a first blame for those that have none."""


class ResolveManySerializer(_Numbers, ResolveSerializer):
    """Which, and for each of them the same: when it ended, what was found, what is overruled in `despite`."""

    def said(self) -> dict[str, Any]:
        """As `bulk.resolve` takes it."""
        data = self.validated_data
        mode = data["mode"]
        layer = mode.layer if mode else data["layer"]
        return {
            "at": data["resolved_at"],
            "found": dict.fromkeys(data["numbers"], Found(layer, mode)) if layer else {},
            "evidence": data["evidence"],
            "despite": dict.fromkeys(data["numbers"], data["despite"]),
        }


class LeftSerializer(serializers.Serializer[Any]):
    """One that was left as it is, and why."""

    number = serializers.IntegerField()
    code = serializers.CharField()
    why = serializers.CharField()


class ManyDoneSerializer(serializers.Serializer[Any]):
    """With which it was done, and which were left."""

    done = serializers.ListField(child=serializers.IntegerField())
    left = LeftSerializer(many=True)
