"""What every list of the API that hangs on incidents begins with: rows of incidents that whoever asks may see."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework import serializers, viewsets

from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership.api.fields import viewer
from ownership.models import Person

M = TypeVar("M", bound=Model)


class Visibly(viewsets.GenericViewSet[M]):
    """Rows of incidents that whoever asks may see, and no others: what is hidden is not there."""

    through: tuple[str, ...] = ("incident",)  # the paths to the incidents that must all be theirs to see; "": itself
    may_be_without: bool = False  # rows without an incident are everybody's

    def get_queryset(self) -> QuerySet[M]:
        """Those that this person may see."""
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return found.none()  # the schema has no viewer
        return found.filter(self._shown_to(viewer(self.request)))

    def _shown_to(self, person: Person) -> Q:
        """The condition, over all paths."""
        condition = Q()
        for path in self.through:
            ask = visible.clause_or_none if self.may_be_without else visible.clause
            condition &= ask(person, of=path)
        return condition


class IncidentByNumber(serializers.PrimaryKeyRelatedField[Incident]):
    """An incident that whoever asks may see, by its number; the serializer is given the request."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["queryset"] = Incident.objects.none()
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Incident]:
        """Those that this person may see."""
        request = self.context.get("request")
        return visible.to(viewer(request)) if request else Incident.objects.none()
