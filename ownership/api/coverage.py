"""Coverage over the API: the states of everything, the gaps, and what is deliberately unowned."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import waiving
from ownership.api.fields import PersonByEmail, ServiceBySlug, SubjectSerializer, acting, checked, viewer
from ownership.models import Service, Team, Waiver
from ownership.models.assignments import SUBJECTS
from ownership.queries import coverage, cures, gaps, waivers
from ownership.queries.coverage import Coverage, Tally
from ownership.queries.gaps import Asked, Gap
from ownership.queries.rules import KEYS, Family
from ownership.queries.states import State
from ownership.vocabulary import Role, Tier
from web.filters import FilterSet


class TallySerializer(serializers.Serializer[Any]):
    """How many are in each state; `covered` counts accepted, inherited and deliberate."""

    total = serializers.IntegerField()
    covered = serializers.IntegerField()
    percent = serializers.IntegerField(allow_null=True, help_text="Covered of all, rounded down; null of nothing.")
    accepted = serializers.IntegerField()
    inherited = serializers.IntegerField()
    deliberate = serializers.IntegerField()
    named = serializers.IntegerField()
    vacant = serializers.IntegerField(help_text="The owner is no longer here; nobody answers.")
    unknown = serializers.IntegerField()


class KindsSerializer(serializers.Serializer[Any]):
    """Services, components and dependencies (seams), never added up."""

    service = TallySerializer()
    component = TallySerializer()
    dependency = TallySerializer()


class TeamCoverageSerializer(KindsSerializer):
    """What one team has a hand in."""

    team = serializers.SlugField()


@extend_schema_serializer(many=False)
class CoverageSerializer(serializers.Serializer[Any]):
    """The sentence, the whole catalogue, and a page of the teams, the worst first."""

    headline = serializers.CharField()
    as_of = serializers.DateTimeField()
    overall = KindsSerializer()
    teams = TeamCoverageSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The address of the next teams; null on the last page.")


class GapSerializer(serializers.Serializer[Any]):
    """One gap; `service` is the most important of those that it is in."""

    gap = serializers.ChoiceField(choices=KEYS)
    family = serializers.ChoiceField(choices=Family.choices)
    kind = serializers.ChoiceField(choices=SUBJECTS)
    id = serializers.IntegerField(help_text="Of the service, component or dependency.")
    name = serializers.CharField()
    what = serializers.CharField()
    sentence = serializers.CharField()
    missing_kind = serializers.CharField(allow_blank=True, help_text="The kind of part that is missing.")
    tier = serializers.ChoiceField(choices=Tier.choices, allow_null=True)
    service = serializers.SlugField(allow_null=True)
    cure = serializers.CharField(help_text="What mends it, in words.")
    cure_path = serializers.CharField(help_text="The page that mends it.")


class GapsSerializer(serializers.Serializer[Any]):
    """A page of the worklist; `next` is null on the last."""

    next = serializers.CharField(allow_null=True)
    results = GapSerializer(many=True)


class PageQuerySerializer(serializers.Serializer[Any]):
    """Which page, and how long."""

    cursor = serializers.CharField(required=False, default="")
    page_size = serializers.IntegerField(required=False, default=gaps.SIZE, min_value=1, max_value=200)


class GapQuerySerializer(PageQuerySerializer):
    """What narrows the worklist."""

    gap = serializers.ChoiceField(choices=KEYS, required=False, default="")
    tier = serializers.ChoiceField(choices=Tier.choices, required=False, default="")
    service = serializers.CharField(required=False, default="", max_length=130)
    team = serializers.CharField(required=False, default="", max_length=130)
    mine = serializers.BooleanField(required=False, default=False)


class CoverageViewSet(viewsets.ViewSet):
    """How much somebody answers for, and what is missing."""

    @extend_schema(
        operation_id="coverage",
        responses=CoverageSerializer,
        parameters=[
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="50 teams when left out, 200 at most."),
        ],
    )
    def list(self, request: Request) -> Response:
        """The states of services, components and dependencies, overall and per team."""
        query = PageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked, now = query.validated_data, timezone.now()
        teams = coverage.teams_listed(coverage.by_team(at=now), after=asked["cursor"] or None, size=asked["page_size"])
        overall = coverage.overall(at=now)
        told = {
            "headline": coverage.headline(overall.service),
            "as_of": now,
            "overall": _kinds(overall),
            "teams": [{"team": one.team.slug, **_kinds(one.coverage)} for one in teams.rows],
            "next": _next(request, teams.following),
        }
        return Response(CoverageSerializer(told).data)

    @extend_schema(
        operation_id="coverage_gaps",
        responses=GapsSerializer,
        parameters=[
            OpenApiParameter("gap", OpenApiTypes.STR, enum=KEYS, description="One rule."),
            OpenApiParameter("tier", OpenApiTypes.STR, enum=Tier.values),
            OpenApiParameter("service", OpenApiTypes.STR, description="Slug: the service, its parts and their seams."),
            OpenApiParameter("team", OpenApiTypes.STR, description="Slug: what the team has a hand in."),
            OpenApiParameter("mine", OpenApiTypes.BOOL, description="What whoever asks answers for or looks after."),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="50 when left out, 200 at most."),
        ],
    )
    @action(detail=False, methods=["get"], url_path="gaps")
    def gaps(self, request: Request) -> Response:
        """The worklist: highest tier first, then the worst rule, then by name."""
        query = GapQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        found = gaps.listed(
            Asked(
                rule=said["gap"],
                tier=said["tier"],
                service_id=get_object_or_404(Service, slug=said["service"]).pk if said["service"] else None,
                team_id=get_object_or_404(Team, slug=said["team"]).pk if said["team"] else None,
                person_id=viewer(request).pk if said["mine"] else None,
            ),
            at=timezone.now(),
            after=said["cursor"] or None,
            size=said["page_size"],
        )
        told = {"next": _next(request, found.following), "results": [_plain(gap) for gap in found.rows]}
        return Response(GapsSerializer(told).data)


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    """That nobody needs to answer for something, and why; open while `ended_at` is null."""

    service = ServiceBySlug(read_only=True, allow_null=True)
    made_by = PersonByEmail(read_only=True, allow_null=True)
    ended_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Waiver
        fields = (
            "id", "service", "component", "dependency", "reason", "made_by", "made_at", "ended_at", "ended_by",
        )  # fmt: skip


class NewWaiverSerializer(SubjectSerializer):
    """One service, component or dependency, and why nobody needs to answer for it."""

    reason = serializers.CharField(max_length=300)


class WaiverFilter(FilterSet):
    """?service=, ?component=, ?dependency=, ?open=true|false"""

    service = django_filters.CharFilter(field_name="service__slug")
    component = django_filters.NumberFilter(field_name="component_id")
    dependency = django_filters.NumberFilter(field_name="dependency_id")
    open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Waiver
        fields: ClassVar[list[str]] = []


class WaiverViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Waiver]):
    """What is deliberately unowned: list, read, mark, end."""

    queryset = waivers.whole()
    serializer_class = WaiverSerializer
    filterset_class = WaiverFilter
    ordering = ("-pk",)
    writes_as = Role.EDITOR
    lookup_value_regex = r"\d{1,18}"

    def get_object(self) -> Waiver:
        """By id, ended or not: filters narrow lists only."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    @extend_schema(request=NewWaiverSerializer, responses={201: WaiverSerializer})
    def create(self, request: Request) -> Response:
        """Nobody needs to answer from now on; 409 while somebody does."""
        said = checked(NewWaiverSerializer, request).validated_data
        made = waiving.waive(said["subject"], reason=said["reason"], **acting(request))
        return self._told(made, status=201)

    @extend_schema(request=None, responses=WaiverSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Somebody has to answer again."""
        return self._told(waiving.end(self.get_object(), **acting(request)))

    def _told(self, waiver: Waiver, *, status: int = 200) -> Response:
        return Response(WaiverSerializer(self.get_queryset().get(pk=waiver.pk)).data, status=status)


def _kinds(of: Coverage) -> dict[str, dict[str, Any]]:
    return {key: _tally(tally) for key, _, tally in of.kinds()}


def _tally(tally: Tally) -> dict[str, Any]:
    states = {state.value: tally.of(state) for state in State}
    return {"total": tally.total, "covered": tally.covered, "percent": tally.percent, **states}


def _plain(gap: Gap) -> dict[str, Any]:
    return {
        "gap": gap.rule.key,
        "family": gap.rule.family,
        "kind": gap.kind,
        "id": gap.subject_id,
        "name": gap.name,
        "what": gap.what,
        "sentence": gap.rule.sentence,
        "missing_kind": gap.missing_kind,
        "tier": gap.tier if gap.tier_name else None,
        "service": gap.service_slug,
        "cure": gap.rule.cure,
        "cure_path": cures.cure_of(gap),
    }


def _next(request: Request, following: str | None) -> str | None:
    if following is None:
        return None
    asked = request.query_params.copy()
    asked["cursor"] = following
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")
