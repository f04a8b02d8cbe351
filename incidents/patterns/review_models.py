"""Reviews of the patterns: a page frozen with its answers, who held it, and what the one before had promised.

Triggers keep what is frozen as it is: of a review only the notes change, until it is closed; the answers never do. What
a review decides are Actions, which point to it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ownership.models import Person


class PatternReview(models.Model):
    """One look at the patterns, held at an instant: which incidents it was about, and what was known of them then.

    `filters` are the parameters of the address, `filtered` the same in words. `base` counts the incidents as
    `answers.shape.Base` does, `headlines` has slug, title and sentence of every answer, `promised` how each decision of
    the review before stood when this one was held.
    """

    title = models.CharField(max_length=120)
    notes = models.TextField(blank=True)
    held_at = models.DateTimeField(help_text="When it was frozen.")
    held_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(help_text="Incidents detected from here on,")
    until = models.DateTimeField(help_text="until before this.")
    known_at = models.DateTimeField(help_text="As known then.")
    filters = models.JSONField(default=dict)
    filtered = models.JSONField(default=list)
    base = models.JSONField()
    headlines = models.JSONField()
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    promised = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="pattern_review_has_title"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="pattern_review_closed_pair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-held_at", "-id"], name="pattern_review_held"),
            models.Index(fields=["filters", "-held_at", "-id"], name="pattern_review_filters"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("patterns:review", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether decisions may still come and go."""
        return self.closed_at is None


class PatternReviewPerson(models.Model):
    """Somebody who took part in a review, besides whoever held it."""

    review = models.ForeignKey(PatternReview, on_delete=models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "person"], name="pattern_review_person_once")
        ]

    def __str__(self) -> str:
        return str(self.person)


class PatternSnapshot(models.Model):
    """Every answer of a review as it was given, in the order of the page; `patterns.freezing` reads and writes them."""

    review = models.OneToOneField(PatternReview, primary_key=True, on_delete=models.PROTECT, related_name="snapshot")
    answers = models.JSONField()

    def __str__(self) -> str:
        return f"{len(self.answers)} answers"
