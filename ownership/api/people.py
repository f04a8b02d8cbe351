"""People and teams over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import people, signing, teams
from ownership.api.fields import PersonByEmail, acting, checked
from ownership.models import Membership, Person, Team
from ownership.vocabulary import Role
from web.errors import DomainError
from web.filters import FilterSet


class NotHere(DomainError):
    """This person's access was ended; let them back in first."""

    code = "not_here"


class PersonSerializer(serializers.ModelSerializer[Person]):
    """A person as they stand; `joined_at` is null while they are only invited."""

    teams: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Person
        fields: tuple[str, ...] = ("id", "email", "name", "role", "is_active", "joined_at", "teams")


class InviteSerializer(serializers.Serializer[Any]):
    """Whom to invite."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=120)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.RESPONDER)


class EditPersonSerializer(serializers.Serializer[Any]):
    """What a PATCH may change."""

    email = serializers.EmailField(max_length=254, required=False)
    name = serializers.CharField(max_length=120, required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)


class LinkedPersonSerializer(PersonSerializer):
    """A person with their one-time link, told only in this answer."""

    join_url = serializers.URLField(read_only=True)

    class Meta(PersonSerializer.Meta):
        fields = (*PersonSerializer.Meta.fields, "join_url")


class PersonFilter(FilterSet):
    """?email= (whatever case), ?role=, ?is_active=, ?team=, ?search= (name)"""

    email = django_filters.CharFilter(lookup_expr="iexact")
    team = django_filters.CharFilter(field_name="memberships__team__slug")
    search = django_filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Person
        fields: ClassVar = ["role", "is_active"]


class PersonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Person]):
    """People: list and read; admins invite, edit, end and renew access."""

    queryset = Person.objects.prefetch_related(
        Prefetch("teams", Team.objects.filter(dissolved_at=None).order_by("name", "pk"))
    )
    serializer_class = PersonSerializer
    filterset_class = PersonFilter
    ordering = ("name", "pk")
    writes_as = Role.ADMIN
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=InviteSerializer, responses={201: LinkedPersonSerializer})
    def create(self, request: Request) -> Response:
        """Invite somebody; the answer carries their link, once."""
        said = checked(InviteSerializer, request).validated_data
        person, secret = signing.invite(**said, **acting(request))
        return _linked(request, person, secret, status=201)

    @extend_schema(request=EditPersonSerializer, responses=PersonSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct name, address or role."""
        person = self.get_object()
        said = checked(EditPersonSerializer, request).validated_data
        facts = {name: said.get(name, getattr(person, name)) for name in ("name", "email", "role")}
        return Response(PersonSerializer(people.edit(person, **facts, **acting(request))).data)

    @extend_schema(request=None, responses=LinkedPersonSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str) -> Response:
        """A fresh one-time link; the one before stops working."""
        person = self.get_object()
        if not person.is_active:
            raise NotHere
        return _linked(request, person, signing.new_link(person, **acting(request)))

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """End access at once: sessions, tokens, links."""
        return Response(PersonSerializer(people.deactivate(self.get_object(), **acting(request))).data)

    @extend_schema(request=None, responses=LinkedPersonSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        """Let somebody back in, with a fresh one-time link."""
        person, secret = people.reactivate(self.get_object(), **acting(request))
        return _linked(request, person, secret)


def _linked(request: Request, person: Person, secret: str, *, status: int = 200) -> Response:
    link = request.build_absolute_uri(reverse("ownership:join", args=[secret]))
    response = Response({**PersonSerializer(person).data, "join_url": link}, status=status)
    response["Cache-Control"] = "no-store"
    return response


class MemberSerializer(serializers.ModelSerializer[Person]):
    """A member, briefly."""

    class Meta:
        model = Person
        fields = ("id", "email", "name")


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team and its members."""

    members = MemberSerializer(many=True, read_only=True)

    class Meta:
        model = Team
        fields = ("slug", "name", "members", "created_at", "dissolved_at")


class NewTeamSerializer(serializers.Serializer[Any]):
    """A team's name, and its first members by e-mail."""

    name = serializers.CharField(max_length=120)
    members = PersonByEmail(many=True, required=False, default=list)


class RenameTeamSerializer(serializers.Serializer[Any]):
    """A team's new name."""

    name = serializers.CharField(max_length=120)


class NewMemberSerializer(serializers.Serializer[Any]):
    """Whom to put into the team, by e-mail."""

    person = PersonByEmail()


class TeamFilter(FilterSet):
    """?name= (whatever case), ?member= (e-mail), ?dissolved=true|false (living ones when left out)"""

    name = django_filters.CharFilter(lookup_expr="iexact")
    member = django_filters.CharFilter(field_name="memberships__person__email", lookup_expr="iexact")
    dissolved = django_filters.BooleanFilter(field_name="dissolved_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Team
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: QuerySet[Team]) -> QuerySet[Team]:
        """Living ones, unless asked otherwise."""
        if self.form.cleaned_data.get("dissolved") is None:
            queryset = queryset.filter(dissolved_at=None)
        narrowed: QuerySet[Team] = super().filter_queryset(queryset)
        return narrowed


class TeamViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Team]):
    """Teams: list, read, add, rename, dissolve, restore, and who is in them."""

    queryset = Team.objects.prefetch_related(Prefetch("members", Person.objects.order_by("name", "pk")))
    serializer_class = TeamSerializer
    filterset_class = TeamFilter
    ordering = ("name", "pk")
    writes_as = Role.EDITOR
    lookup_field = "slug"
    lookup_value_regex = "[-a-z0-9]+"

    @extend_schema(request=NewTeamSerializer, responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Add a team."""
        return self._as_it_stands(
            teams.create(**checked(NewTeamSerializer, request).validated_data, **acting(request)), status=201
        )

    @extend_schema(request=RenameTeamSerializer, responses=TeamSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Rename a team; its slug stays."""
        said = checked(RenameTeamSerializer, request).validated_data
        return self._as_it_stands(teams.rename(self.get_object(), **said, **acting(request)))

    @extend_schema(request=NewMemberSerializer, responses={201: TeamSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def members(self, request: Request, slug: str) -> Response:
        """Put somebody into the team."""
        team = self.get_object()
        teams.add_member(team, checked(NewMemberSerializer, request).validated_data["person"], **acting(request))
        return self._as_it_stands(team, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"members/(?P<person_id>\d{1,18})")
    def member(self, request: Request, slug: str, person_id: str) -> Response:
        """Take somebody out of the team."""
        membership = get_object_or_404(
            Membership.objects.select_related("person"), team=self.get_object(), person=person_id
        )
        teams.remove_member(membership.team, membership.person, **acting(request))
        return Response(status=204)

    @extend_schema(request=None, responses=TeamSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def dissolve(self, request: Request, slug: str) -> Response:
        """The team is no more; what it held stays on record, vacant."""
        return self._as_it_stands(teams.dissolve(self.get_object(), **acting(request)))

    @extend_schema(request=None, responses=TeamSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def restore(self, request: Request, slug: str) -> Response:
        """The team is there again."""
        return self._as_it_stands(teams.restore(self.get_object(), **acting(request)))

    def get_object(self) -> Team:
        """By slug, dissolved or not: filters narrow lists only."""
        return get_object_or_404(self.get_queryset(), slug=self.kwargs["slug"])

    def _as_it_stands(self, team: Team, *, status: int = 200) -> Response:
        fresh: QuerySet[Team] = self.get_queryset()
        return Response(TeamSerializer(fresh.get(pk=team.pk)).data, status=status)
