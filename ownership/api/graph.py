"""Maps, latency budgets and blast radii over the API: what the pages show, all of it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership.models import Component, Service
from ownership.queries import blast, latencies, maps
from ownership.queries.blast import BlastRadius
from ownership.queries.graph import ServiceHit
from ownership.queries.latencies import ServiceLatency
from ownership.queries.maps import ServiceMap
from ownership.vocabulary import ComponentKind, DependencyKind, PartRole, Tier

HARDNESS = ("at_once", "later", "next_build")


class EdgeSerializer(serializers.Serializer[Any]):
    """A seam: `upstream` needs `downstream` (component ids); `share` is in percent of a latency budget."""

    id = serializers.IntegerField()
    upstream = serializers.IntegerField()
    downstream = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DependencyKind.choices)
    timeout_ms = serializers.IntegerField(allow_null=True)
    attempts = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True)


class MapEdgeSerializer(EdgeSerializer):
    """A seam of a map; `leads_back` when it closes a cycle."""

    leads_back = serializers.BooleanField()


class NodeSerializer(serializers.Serializer[Any]):
    """A component by name, and the team that looks after it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ComponentKind.choices)
    custodian = serializers.CharField(allow_null=True)


class MapNodeSerializer(NodeSerializer):
    """A component of a map; `role` is null for what the parts need without being a part itself."""

    role = serializers.ChoiceField(choices=PartRole.choices, allow_null=True)
    pictured = serializers.BooleanField()


class MapSerializer(serializers.Serializer[Any]):
    """A service's parts and all that they need, nearest first."""

    service = serializers.SlugField()
    nodes = MapNodeSerializer(many=True)
    edges = MapEdgeSerializer(many=True)


class HopSerializer(serializers.Serializer[Any]):
    """A call seam; `calls` is the largest product of attempts on a way up to here, unknown ones counted as 1."""

    upstream = NodeSerializer()
    downstream = NodeSerializer()
    seam = EdgeSerializer()
    role = serializers.ChoiceField(choices=PartRole.choices, allow_null=True)
    begins_percent = serializers.FloatField()
    begins_ms = serializers.FloatField(allow_null=True)
    share_ms = serializers.FloatField(allow_null=True)
    waits_ms = serializers.IntegerField(allow_null=True)
    calls = serializers.IntegerField()
    on_longest_chain = serializers.BooleanField()


class ChainSerializer(serializers.Serializer[Any]):
    """The single chain of calls whose shares add up to most: the least that a request claims."""

    seams = EdgeSerializer(many=True)
    claimed_percent = serializers.FloatField()


class InversionSerializer(serializers.Serializer[Any]):
    """`inner` may wait `waits_ms`, as long as `outer` waits for it, or longer."""

    outer = EdgeSerializer()
    inner = EdgeSerializer()
    waits_ms = serializers.IntegerField()


class AmplificationSerializer(serializers.Serializer[Any]):
    """The way on which tries multiply most; `calls` at its end for one request."""

    way = EdgeSerializer(many=True)
    calls = serializers.IntegerField()


class LatencySerializer(serializers.Serializer[Any]):
    """A service's latency budget over the calls of a request.

    `path` has every call seam that the entry reaches, each once, as if all ran one after the other; `claimed_percent`
    is the sum of their shares. `longest_chain` is what remains when all other calls can go on beside it.
    `upper_planning_bound_ms` is the sum of shares, not a prediction: values at a percentile do not add up.
    `met_again` are components whose own calls count once although several seams lead to them.
    `kept_by_percent` is the least share of requests that keep that sum when each seam keeps its own share.
    """

    service = serializers.SlugField()
    budget_ms = serializers.IntegerField(allow_null=True)
    percentile = serializers.FloatField(allow_null=True)
    entry = NodeSerializer(allow_null=True)
    entry_is_marked = serializers.BooleanField()
    path = HopSerializer(many=True)
    claimed_percent = serializers.FloatField()
    longest_chain = ChainSerializer()
    met_again = NodeSerializer(many=True)
    left_percent = serializers.FloatField()
    upper_planning_bound_ms = serializers.FloatField(allow_null=True)
    kept_by_percent = serializers.FloatField(allow_null=True)
    inverted = InversionSerializer(many=True)
    amplification = AmplificationSerializer(allow_null=True)
    beyond_budget = EdgeSerializer(many=True)
    cut = EdgeSerializer(many=True)
    call_seams = serializers.IntegerField()
    without_timeout = serializers.IntegerField()
    without_attempts = serializers.IntegerField()
    without_share = serializers.IntegerField()


class ServiceHitSerializer(serializers.Serializer[Any]):
    """A service that is hit: by which part and way, how hard, and who answers (null: nobody who is here)."""

    service = serializers.SlugField()
    name = serializers.CharField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    role = serializers.ChoiceField(choices=PartRole.choices)
    hardness = serializers.ChoiceField(choices=HARDNESS)
    softened = serializers.BooleanField()
    path = NodeSerializer(many=True)
    way = serializers.CharField()
    accountable = serializers.CharField(allow_null=True)
    asked = serializers.CharField(allow_null=True)


class ComponentHitSerializer(NodeSerializer):
    """A component that is hit, and by which way."""

    hardness = serializers.ChoiceField(choices=HARDNESS)
    path = serializers.ListField(child=serializers.IntegerField())
    way = serializers.CharField()


class BlastRadiusSerializer(serializers.Serializer[Any]):
    """Who is hit when a component fails."""

    component = NodeSerializer()
    services = ServiceHitSerializer(many=True)
    components = ComponentHitSerializer(many=True)


class ServiceGraph:
    """What a service's resource says about its place in the system."""

    @extend_schema(responses=MapSerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def map(self, request: Request, slug: str) -> Response:
        """The service's parts and all that they need."""
        service = get_object_or_404(Service, slug=slug)
        return Response(MapSerializer(_map(maps.of(service, at=timezone.now()))).data)

    @extend_schema(
        responses=LatencySerializer,
        parameters=[
            OpenApiParameter("entry", OpenApiTypes.INT, description="Read from this entry part; the heaviest if not.")
        ],
    )
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def latency(self, request: Request, slug: str) -> Response:
        """Where the latency budget goes, and which seams wait too long or try too often."""
        service = get_object_or_404(Service, slug=slug)
        asked = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
        entry = asked.run_validation(request.query_params.get("entry"))
        return Response(LatencySerializer(_latency(latencies.of(service, entry=entry))).data)


class ComponentGraph:
    """What a component's resource says about its place in the system."""

    @extend_schema(responses=BlastRadiusSerializer)
    @action(detail=True, methods=["get"], url_path="blast-radius", filterset_class=None, pagination_class=None)
    def blast_radius(self, request: Request, pk: str) -> Response:
        """Who is hit when the component fails, hardest first."""
        found = blast.of(get_object_or_404(Component, pk=pk), at=timezone.now())
        return Response(BlastRadiusSerializer(_blast(found)).data)


def _map(found: ServiceMap) -> dict[str, Any]:
    pictured = {place.node.id for place in found.pictured}
    return {
        "service": found.service.slug,
        "nodes": [
            {
                "id": place.node.id,
                "name": place.node.name,
                "kind": place.node.kind,
                "custodian": place.custodian,
                "role": place.role or None,
                "pictured": place.node.id in pictured,
            }
            for place in found.nodes
        ],
        "edges": [{**EdgeSerializer(seam).data, "leads_back": seam.id in found.back} for seam in found.seams],
    }


def _latency(found: ServiceLatency) -> dict[str, Any]:
    reckoning, percentile = found.reckoning, found.service.latency_percentile
    return {
        "service": found.service.slug,
        "budget_ms": found.service.latency_budget_ms,
        "percentile": None if percentile is None else float(percentile),
        "entry": found.entry,
        "entry_is_marked": found.is_marked,
        "path": [
            {
                "upstream": hop.upstream,
                "downstream": hop.downstream,
                "seam": hop.band.seam,
                "role": hop.role or None,
                "begins_percent": hop.band.begins,
                "begins_ms": hop.begins_ms,
                "share_ms": hop.share_ms,
                "waits_ms": hop.band.seam.waits_ms,
                "calls": hop.band.calls,
                "on_longest_chain": hop.band.is_longest,
            }
            for hop in found.hops
        ],
        "claimed_percent": reckoning.claimed if reckoning else 0.0,
        "longest_chain": {
            "seams": reckoning.longest if reckoning else [],
            "claimed_percent": reckoning.longest_claims if reckoning else 0.0,
        },
        "met_again": [found.nodes[one] for one in reckoning.met_again] if reckoning else [],
        "left_percent": reckoning.left if reckoning else 100.0,
        "upper_planning_bound_ms": found.bound_ms,
        "kept_by_percent": found.kept_by,
        "inverted": reckoning.inversions if reckoning else [],
        "amplification": reckoning.amplification if reckoning else None,
        "beyond_budget": reckoning.beyond_budget if reckoning else [],
        "cut": reckoning.cut if reckoning else [],
        "call_seams": reckoning.seams if reckoning else 0,
        "without_timeout": reckoning.without_timeout if reckoning else 0,
        "without_attempts": reckoning.without_attempts if reckoning else 0,
        "without_share": reckoning.without_share if reckoning else 0,
    }


def _blast(found: BlastRadius) -> dict[str, Any]:
    return {
        "component": found.failing,
        "services": [_service(hit) for hit in found.services],
        "components": [
            {
                "id": hit.node.id,
                "name": hit.node.name,
                "kind": hit.node.kind,
                "custodian": hit.node.custodian,
                "hardness": HARDNESS[hit.hardness],
                "path": [node.id for node in hit.path],
                "way": hit.way,
            }
            for hit in found.components
        ],
    }


def _service(hit: ServiceHit) -> dict[str, Any]:
    answering = hit.answering
    return {
        "service": hit.service.slug,
        "name": hit.service.name,
        "tier": hit.service.tier,
        "role": hit.role,
        "hardness": HARDNESS[hit.hardness],
        "softened": hit.is_softened,
        "path": hit.path,
        "way": hit.way,
        "accountable": str(answering.accountable.party)
        if answering.accountable is not None and answering.is_answered
        else None,
        "asked": str(answering.asked.party) if answering.asked is not None else None,
    }
