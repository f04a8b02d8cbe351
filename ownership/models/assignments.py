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
Subject = Service | Component | Dependency


def column_of(subject: Subject) -> str:
    """The column that names the subject: one of SUBJECTS."""
    if isinstance(subject, Service):
        return "service"
    return "component" if isinstance(subject, Component) else "dependency"


def party_key(party: Person | Team) -> str:
    """How an address or a form names a party: `person:3`, `team:2`."""
    return f"{'person' if isinstance(party, Person) else 'team'}:{party.pk}"


def one_subject() -> Q:
    """Exactly one of service, component and seam is named."""
    return (
        Q(service__isnull=False, component__isnull=True, dependency__isnull=True)
        | Q(service__isnull=True, component__isnull=False, dependency__isnull=True)
        | Q(service__isnull=True, component__isnull=True, dependency__isnull=False)
    )


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
    answering = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="answers_for_teams",
        help_text="The one person who answers when a team holds it.",
    )
    during = DateTimeRangeField()
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            *[_one_accountable(subject) for subject in SUBJECTS],
            models.CheckConstraint(condition=one_subject(), name="assignment_one_subject"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False),
                name="assignment_one_party",
            ),
            models.CheckConstraint(
                condition=Q(answering__isnull=True) | Q(team__isnull=False), name="assignment_answering_for_team"
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

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return cast("Subject", self.service or self.component or self.dependency)  # assignment_one_subject holds it


class Confirmation(models.Model):
    """The party of an assignment said again that it answers for the subject."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["assignment", "-at"], name="confirmation_latest")]

    def __str__(self) -> str:
        return f"{self.assignment_id} confirmed"


class Waiver(models.Model):
    """Nobody needs to answer for this, on purpose, with the reason; ended when somebody thinks otherwise."""

    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="waivers")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="waivers")
    dependency = models.ForeignKey(Dependency, null=True, blank=True, on_delete=models.PROTECT, related_name="waivers")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            *[
                models.UniqueConstraint(
                    fields=[subject], condition=Q(ended_at__isnull=True), name=f"waiver_one_open_{subject}"
                )
                for subject in SUBJECTS
            ],
            models.CheckConstraint(condition=one_subject(), name="waiver_one_subject"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"deliberately unowned: {self.reason}"

    @property
    def subject(self) -> Subject:
        """What nobody needs to answer for."""
        return cast("Subject", self.service or self.component or self.dependency)  # waiver_one_subject holds it
