"""Templates: what a postmortem asks for. A version never changes; what holds for all versions stands beside them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.vocabulary import Suits
from ownership.models import Person

OWN = "own-"  # how the codes of an organisation's templates begin; built-in ones never do


class PostmortemTemplate(models.Model):
    """One version of an ordered set of sections; a trigger refuses to change or delete it."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    about = models.CharField(max_length=300, blank=True, help_text="What it is for, in one line.")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How long it takes, about.")
    suits = models.CharField(max_length=9, choices=Suits.choices, blank=True, default=Suits.ANY)
    sections = models.JSONField(help_text="[{key, kind, heading, prompt, required, prefill}]")
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it came with Seamline.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="template_version_once"),
            models.CheckConstraint(condition=Q(suits__in=Suits.values), name="template_suits_known"),
            # Built-in templates that come later can never meet a code that an organisation has taken.
            models.CheckConstraint(
                condition=(Q(made_by__isnull=True, made_at__isnull=True) & ~Q(code__startswith=OWN))
                | Q(made_by__isnull=False, made_at__isnull=False, code__startswith=OWN),
                name="template_maker_by_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def built_in(self) -> bool:
        """True for those that came with Seamline."""
        return not self.code.startswith(OWN)


class TemplateStanding(models.Model):
    """What holds for all versions of a template: whether it is still offered, and whether it is the default."""

    code = models.SlugField(max_length=60, unique=True)
    is_default = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="template_standing_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at__isnull=True), name="template_standing_default_offered"
            ),
        ]

    def __str__(self) -> str:
        return self.code
