"""The severity table over /api/v1/."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.alerts import rehearsing, severity
from incidents.alerts.rule_shapes import RehearsalSerializer
from incidents.alerts.severity import CHOICES, COLUMNS, Table
from ownership.api.fields import acting, checked, viewer
from ownership.vocabulary import Role, Tier


class CellsSerializer(serializers.Serializer[Any]):
    """For each tier the SEV of critical, high, medium and low."""

    t1 = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES), min_length=4, max_length=4)
    t2 = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES), min_length=4, max_length=4)
    t3 = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES), min_length=4, max_length=4)
    t4 = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES), min_length=4, max_length=4)


class SeverityTableSerializer(serializers.Serializer[Any]):
    """The table as one of its versions. What the sender does not say is pending, whatever the table says."""

    version = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    cells = CellsSerializer()


class SeverityTableView(APIView):
    """The severity table: read it, put another in its place, try one."""

    writes_as = Role.EDITOR

    @extend_schema(operation_id="severity_table_retrieve", responses=SeverityTableSerializer)
    def get(self, request: Request) -> Response:
        """The table that decides now."""
        return Response(_table(severity.current()))

    @extend_schema(
        operation_id="severity_table_update", request=SeverityTableSerializer, responses=SeverityTableSerializer
    )
    def put(self, request: Request) -> Response:
        """Another table in the place of `version`; 409 when somebody else was faster."""
        said = checked(SeverityTableSerializer, request).validated_data
        return Response(_table(severity.revise(said["cells"], seen=said["version"], **acting(request))))

    @extend_schema(operation_id="severity_table_try", request=CellsSerializer, responses=RehearsalSerializer)
    def post(self, request: Request) -> Response:
        """Which stored alerts these cells would have given another SEV; nothing is saved."""
        cells = checked(CellsSerializer, request).validated_data
        told = rehearsing.severities(viewer(request), severity.checked(cells), now=acting(request)["now"])
        return Response(RehearsalSerializer(told).data)


def _table(table: Table) -> dict[str, Any]:
    cells = {tier.value: [sev.value for sev in table.cells[tier]] for tier in Tier}
    return {"version": table.version, "columns": [said.value for said in COLUMNS], "cells": cells}
