"""How people and teams are told: their channels and quiet hours, and the messages that leave through them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ownership.models.people import Person, Team
from ownership.receivers import EMAIL, NAMES
from ownership.vocabulary import NoticeKind


def _one_owner(name: str) -> models.CheckConstraint:
    condition = Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False)
    return models.CheckConstraint(condition=condition, name=name)


class Channel(models.Model):
    """One way to reach a person or a team. A person's own mail is a row too, made with the person by a trigger."""

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=20, help_text="`email`, or a kind of ownership.receivers.")
    label = models.CharField(max_length=80, blank=True, db_default="")
    hint = models.CharField(max_length=120, blank=True, db_default="", help_text="What of the address is no secret.")
    sealed = models.TextField(blank=True, db_default="", help_text="The address; empty: the person's own e-mail.")
    muted: ArrayField[Any, Any] = ArrayField(
        models.CharField(max_length=40), db_default=[], default=list, help_text="Kinds of notices that it leaves out."
    )
    enabled = models.BooleanField(default=True, db_default=True)
    made_at = models.DateTimeField(db_default=Now())
    last_sent_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Since then nothing went out.")
    failure = models.CharField(max_length=300, blank=True, db_default="", help_text="Why, without secrets.")
    try_after = models.DateTimeField(null=True, blank=True, help_text="Until then it is left alone.")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="Until then a sender has it for itself.")

    class Meta:
        constraints: ClassVar = [
            _one_owner("channel_one_owner"),
            models.CheckConstraint(
                condition=~Q(sealed="") | Q(kind=EMAIL, person__isnull=False), name="channel_has_address"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(sealed=""), name="channel_one_own_mail"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-id"], condition=Q(failing_since__isnull=False), name="channel_failing"),
        ]

    def __str__(self) -> str:
        return self.label or self.hint or self.kind_name

    @property
    def kind_name(self) -> str:
        """`Slack`, `E-mail`."""
        return NAMES.get(self.kind, self.kind)

    @property
    def told(self) -> str:
        """What it is told, in words: `everything`, `all but …`."""
        left_out = [str(kind.label).lower() for kind in NoticeKind if kind.value in self.muted]
        told = [str(kind.label).lower() for kind in NoticeKind if kind.value not in self.muted]
        if not left_out or not told:
            return "nothing" if left_out else "everything"
        return f"all but: {', '.join(left_out)}" if len(left_out) < len(told) else ", ".join(told)

    @property
    def owner(self) -> Person | Team:
        """Whom it reaches."""
        party = self.person or self.team
        if party is None:
            raise ValueError("a channel reaches somebody")
        return party

    @property
    def is_own_mail(self) -> bool:
        """True for the e-mail address with which its person signs in."""
        return not self.sealed


class Manner(models.Model):
    """When a person or team wants quiet, and whether a team's members are told beside its own channels."""

    person = models.OneToOneField(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="manner")
    team = models.OneToOneField(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="manner")
    time_zone = models.CharField(max_length=60, default="UTC")
    quiet_from = models.TimeField(null=True, blank=True, help_text="By the clock of the time zone.")
    quiet_until = models.TimeField(null=True, blank=True, help_text="Earlier than `quiet_from`: on the next day.")
    quiet_days: ArrayField[Any, Any] = ArrayField(
        models.SmallIntegerField(), default=list, help_text="On which days these hours begin; 0 is Monday."
    )
    whole_days: ArrayField[Any, Any] = ArrayField(
        models.SmallIntegerField(), default=list, help_text="Days that are quiet from midnight to midnight."
    )
    members_too = models.BooleanField(default=False, help_text="Of a team: its members hear it as well.")

    class Meta:
        constraints: ClassVar = [
            _one_owner("manner_one_owner"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until")),
                name="manner_quiet_pair",
            ),
            models.CheckConstraint(condition=~Q(whole_days__len=7), name="manner_some_day_speaks"),
        ]

    def __str__(self) -> str:
        return f"how {self.person or self.team} is told"


class Bundle(models.Model):
    """Notices to one reader that go out together; one alone, or many as one message with a count."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    urgent = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [_one_owner("bundle_one_reader")]
        indexes: ClassVar = [
            models.Index(fields=["person", "urgent", "-made_at"], name="bundle_of_person"),
            models.Index(fields=["team", "urgent", "-made_at"], name="bundle_of_team"),
        ]

    def __str__(self) -> str:
        return f"what {self.person or self.team} is told at {self.made_at}"


class Message(models.Model):
    """A bundle on its way through one channel, or a test of the channel."""

    bundle = models.ForeignKey(Bundle, null=True, on_delete=models.CASCADE, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages")
    is_test = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=1, help_text="How many notices it carries.")
    made_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty: sent, given up, or read before.")
    failure = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bundle", "channel"], name="message_once"),
            models.UniqueConstraint(
                fields=["channel"], condition=Q(is_test=True, next_try_at__isnull=False), name="message_one_test_waits"
            ),
            models.CheckConstraint(
                condition=Q(is_test=True, bundle__isnull=True) | Q(is_test=False, bundle__isnull=False),
                name="message_bundle_or_test",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="message_due"),
            models.Index(fields=["-id"], condition=Q(sent_at__isnull=True) & ~Q(failure=""), name="message_failed"),
            models.Index(fields=["channel", "-id"], name="message_of_channel"),
            models.Index(fields=["channel", "-id"], condition=Q(is_test=True), name="message_test_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.count} through {self.channel}"
