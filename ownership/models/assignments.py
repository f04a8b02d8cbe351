"""Who answers for what, over time; nothing is overwritten, only superseded."""

from __future__ import annotations

from typing import ClassVar, cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from ownership.models.catalogue import Component, Dependency, Service
from ownership.models.people import Person, Team
from ownership.vocabulary import AssignmentRole

SUBJECTS = ("service", "component", "dependency")


def _one_accountable(subject: str) -> ExclusionConstraint:
    """At most one accountable owner of a subject at any instant.

    `int8range(id, id, '[]')` lets GiST compare ids without an extension; it equals itself when the id is NULL, hence
    the NOT NULL in the condition.
    """
    column = f"{subject}_id"
    return ExclusionConstraint(
        name=f"assignment_one_accountable_{subject}",
        index_type="GIST",
        expressions=[
            (Func(F(column), F(column), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
            ("during", RangeOperators.OVERLAPS),
        ],
        condition=Q(role="accountable", superseded_at__isnull=True) & Q(**{f"{subject}__isnull": False}),
    )


class Assignment(models.Model):
    """A party holds a role for one subject during a time; `known_from` to `superseded_at` is when we believed so."""

    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    dependency = models.ForeignKey(
        Dependency, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.CharField(max_length=12, choices=AssignmentRole.choices)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    during = DateTimeRangeField()
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            *[_one_accountable(subject) for subject in SUBJECTS],
            models.CheckConstraint(
                condition=(
                    Q(service__isnull=False, component__isnull=True, dependency__isnull=True)
                    | Q(service__isnull=True, component__isnull=False, dependency__isnull=True)
                    | Q(service__isnull=True, component__isnull=True, dependency__isnull=False)
                ),
                name="assignment_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False),
                name="assignment_one_party",
            ),
            models.CheckConstraint(condition=Q(role__in=AssignmentRole.values), name="assignment_role_known"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="assignment_lasts"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("known_from")),
                name="assignment_known_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.role}"

    @property
    def party(self) -> Person | Team:
        """The person or team that holds the role."""
        return cast("Person | Team", self.person or self.team)  # assignment_one_party holds it
