"""How API clients name things: people by e-mail, teams and services by slug, components by id or by name."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, TypeVar, cast

from django.db.models import Model
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from ownership.models import Component, Dependency, Person, Service, Team
from ownership.models.assignments import SUBJECTS

S = TypeVar("S", bound=serializers.BaseSerializer[Any])
M = TypeVar("M", bound=Model)


class Acting(TypedDict):
    """Who acts, and when."""

    by: Person
    now: datetime


def viewer(request: Request) -> Person:
    """Who asks."""
    return cast("Person", request.user)  # MayUseApi lets nobody else in


def acting(request: Request) -> Acting:
    """What every act wants to know of a request."""
    return {"by": viewer(request), "now": timezone.now()}


def checked(kind: type[S], request: Request, **kwargs: Any) -> S:
    """The body read by a serializer, or a 422 that names what is wrong."""
    asked = kind(data=request.data, **kwargs)
    asked.is_valid(raise_exception=True)
    return asked


class Named(serializers.SlugRelatedField[M]):
    """Something named by a text of its own; nothing has a name that the database could not hold."""

    def to_internal_value(self, data: Any) -> M:
        """What is named so."""
        if "\x00" in str(data):
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data)[:254])
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.EMAIL)
class PersonByEmail(Named[Person]):
    """A person, named by their e-mail address in whatever case; active unless `anybody` may be named."""

    def __init__(self, *, anybody: bool = False, **kwargs: Any) -> None:
        self.anybody = anybody
        if not kwargs.get("read_only"):
            kwargs["queryset"] = Person.objects.all() if anybody else Person.objects.filter(is_active=True)
        super().__init__(slug_field="email", **kwargs)

    def to_internal_value(self, data: Any) -> Person:
        """The person behind an address."""
        people = Person.objects.all() if self.anybody else Person.objects.filter(is_active=True)
        found = people.filter(email__iexact=str(data)).first() if "\x00" not in str(data) else None
        if found is None:
            self.fail("does_not_exist", slug_name="email", value=str(data)[:254])
        return found


class TeamBySlug(Named[Team]):
    """A team that was not dissolved, named by its slug."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["queryset"] = Team.objects.filter(dissolved_at=None)
        super().__init__(slug_field="slug", **kwargs)


class ServiceBySlug(Named[Service]):
    """A living service, named by its slug."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["queryset"] = Service.objects.filter(retired_at=None)
        super().__init__(slug_field="slug", **kwargs)


@extend_schema_field(OpenApiTypes.DOUBLE)
class PercentField(serializers.DecimalField):
    """A share in percent, above 0: a number on the way out, a number or its text on the way in."""

    def __init__(self, *, highest: str = "99.999", places: int = 3, **kwargs: Any) -> None:
        least = Decimal(1).scaleb(-places)
        super().__init__(max_digits=6, decimal_places=places, min_value=least, max_value=Decimal(highest), **kwargs)

    def to_representation(self, value: Any) -> float:  # type: ignore[override]  # a number, as the schema says
        """As JSON has it."""
        return float(value)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class ComponentField(serializers.Field[Any, Any, Any, Any]):
    """A living component by id or by name; read as its id. With `new=True` an unknown name stays a name."""

    default_error_messages = {"unknown": "No component has the id or name {value}."}

    def __init__(self, *, new: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.new = new

    def to_internal_value(self, data: Any) -> Component | str:
        """The component, or its name when there may be a new one."""
        living = Component.objects.filter(retired_at=None)
        found = None
        if isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**63:
            found = living.filter(pk=data).first()
        elif isinstance(data, str) and data.strip() and len(data) <= 120 and "\x00" not in data:
            name = " ".join(data.split())
            found = living.filter(name__iexact=name).first()
            if found is None and self.new:
                return name
        if found is None:
            self.fail("unknown", value=str(data)[:120])
        return found

    def to_representation(self, value: Component) -> int:
        """Its id."""
        return value.pk


class AnsweringSerializer(serializers.Serializer[Any]):
    """Who of a team answers for it: one of its members. Left out: its only member, else nobody yet."""

    answering = PersonByEmail(required=False, allow_null=True, default=None)


class SubjectSerializer(serializers.Serializer[Any]):
    """One service, component or dependency."""

    service = ServiceBySlug(required=False, allow_null=True, default=None)
    component = ComponentField(required=False, allow_null=True, default=None)
    dependency = serializers.PrimaryKeyRelatedField(
        queryset=Dependency.objects.all(), required=False, allow_null=True, default=None
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Exactly one subject, as `subject`."""
        said = super().validate(said)
        subjects = [said[name] for name in SUBJECTS if said[name] is not None]
        if len(subjects) != 1:
            raise serializers.ValidationError({"service": "Name one service, component or dependency."})
        return {**said, "subject": subjects[0]}


class PartySerializer(serializers.Serializer[Any]):
    """One person or one team."""

    person = PersonByEmail(required=False, allow_null=True, default=None)
    team = TeamBySlug(required=False, allow_null=True, default=None)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two, as `party`."""
        if bool(said.get("person")) == bool(said.get("team")):
            raise serializers.ValidationError({"person": "Name one person or one team."})
        return {**said, "party": said.get("person") or said.get("team")}
