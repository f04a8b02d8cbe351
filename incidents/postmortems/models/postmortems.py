"""The review of one incident."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.models.templates import PostmortemTemplate
from incidents.response.models import Incident
from ownership.models import Person

# What each state means to the database; `Postmortem.state` says the same of one.
IN_STATE = {
    "draft": Q(published_at__isnull=True, sent_at__isnull=True),
    "in_review": Q(published_at__isnull=True, sent_at__isnull=False),
    "published": Q(published_at__isnull=False, closed_at__isnull=True),
    "closed": Q(closed_at__isnull=False),
}


class Postmortem(models.Model):
    """The review of one incident: a draft, in review while reviewers are asked, published and so frozen, closed.

    `sent_at` stays once it is published; `closed_at` falls again when an action is opened again.
    """

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="postmortem")
    template = models.ForeignKey(PostmortemTemplate, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    facilitator = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_due_on = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="postmortem_published_pair",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="postmortem_sent_pair",
            ),
            models.CheckConstraint(
                condition=Q(review_due_on__isnull=True) | Q(sent_at__isnull=False), name="postmortem_due_once_sent"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(published_at__isnull=False),
                name="postmortem_closed_once_published",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-started_at", "-id"], name="postmortem_recent"),
            models.Index(fields=["author", "-started_at", "-id"], name="postmortem_by_author"),
            *(
                models.Index(fields=["-started_at", "-id"], condition=condition, name=f"postmortem_{state}")
                for state, condition in (IN_STATE | {"published": Q(published_at__isnull=False)}).items()
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """draft, in_review, published or closed."""
        if self.published_at:
            return "closed" if self.closed_at else "published"
        return "in_review" if self.sent_at else "draft"
