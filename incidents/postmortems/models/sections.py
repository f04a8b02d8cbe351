"""The texts of a postmortem, each with all its revisions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.models.amendments import Amendment
from incidents.postmortems.models.postmortems import Postmortem
from incidents.postmortems.models.templates import PostmortemTemplate
from incidents.postmortems.vocabulary import SectionKind
from incidents.response.vocabulary import Layer
from ownership.models import Person


class Section(models.Model):
    """One text. `revision` counts its saves; a save names the revision it was written on.

    Answers to a layer's questions and lines that rule a layer out are sections too; those name their `layer`.
    """

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="sections")
    kind = models.CharField(max_length=9, choices=SectionKind.choices, default=SectionKind.NARRATIVE)
    layer = models.CharField(max_length=11, choices=Layer.choices, blank=True)
    key = models.SlugField(max_length=60)
    heading = models.CharField(max_length=300)
    prompt = models.TextField(blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    kept_from = models.ForeignKey(
        PostmortemTemplate,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The template that asked for it, where the present one does not.",
    )
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    amended: Amendment | None = None  # the last one that changed it, where `queries.since.mark` has looked

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "key"], name="section_once"),
            models.CheckConstraint(condition=Q(kind__in=SectionKind.values), name="section_kind_known"),
            models.CheckConstraint(
                condition=Q(layer="", kind="narrative") | (Q(layer__in=Layer.values) & ~Q(kind="narrative")),
                name="section_layer_by_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.heading


class SectionRevision(models.Model):
    """A section's text as it was saved; append-only by a trigger. After publishing it belongs to an amendment.

    `restores` names the revision whose text it is again.
    """

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="revisions")
    revision = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    restores = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    amendment = models.ForeignKey(Amendment, null=True, blank=True, on_delete=models.PROTECT, related_name="revisions")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["section", "revision"], name="section_revision_once")]

    def __str__(self) -> str:
        return f"{self.section} r{self.revision}"
