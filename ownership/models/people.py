"""People, teams, invitations and API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from ownership.vocabulary import Role, TokenScope


def initials_of(name: str) -> str:
    """Two letters for a name: of its first and last word, or its first two letters."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return (words[0] if words else "?")[:2].upper()


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this e-mail address, or DoesNotExist."""
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person; without a password nobody can sign in as them yet."""
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Someone who signs in, or is named before they ever do."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.RESPONDER)
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True, help_text="When they were deactivated; empty while here.")
    must_change_password = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True, blank=True, help_text="First sign-in set-up; empty while invited.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_login = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="person_email_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="person_role_known"),
        ]
        indexes: ClassVar = [
            # What begins so, as `naming` asks: the order of letters, not of a language.
            models.Index(OpClass(Lower("name"), "text_pattern_ops"), name="person_name_begins"),
            models.Index(OpClass(Lower("email"), "text_pattern_ops"), name="person_email_begins"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Two letters for the round mark beside the name."""
        return initials_of(self.name or self.email)

    @property
    def is_invited(self) -> bool:
        """True while they are named but have never signed in."""
        return self.is_active and self.joined_at is None

    @property
    def own_page(self) -> str:
        """Where this person finds what they answer for, their name and their tokens."""
        return reverse("ownership:me")

    @property
    def role_name(self) -> str:
        """`Editor`, where its meaning stands elsewhere."""
        return Role(self.role).short

    def is_here(self, at: datetime) -> bool:
        """True when they had not been deactivated by `at`; one without a known time counts as gone all along."""
        return self.is_active or (self.left_at is not None and at < self.left_at)

    def may(self, role: Role) -> bool:
        """True when this person's role is at least `role` and they are active."""
        return self.is_active and Role(self.role).rank >= role.rank


class Team(models.Model):
    """A group of people that can answer for outcomes and look after components."""

    is_team: ClassVar[bool] = True  # its mark is square

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=130, unique=True)
    members: models.ManyToManyField[Person, Membership] = models.ManyToManyField(
        Person, through="Membership", related_name="teams"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    dissolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"), condition=models.Q(dissolved_at__isnull=True), name="team_name_once_among_living"
            )
        ]
        indexes: ClassVar = [models.Index(OpClass(Lower("name"), "text_pattern_ops"), name="team_name_begins")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for the round mark beside the name."""
        return initials_of(self.name)

    def is_here(self, at: datetime) -> bool:
        """True when the team had not been dissolved by `at`."""
        return self.dissolved_at is None or at < self.dissolved_at


class Membership(models.Model):
    """A person belongs to a team."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "person"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class Invitation(models.Model):
    """A one-time link with which an invited person sets name and password."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the link's secret.")
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation of {self.person}"


class ApiToken(models.Model):
    """A key for programs, shown once and kept as a hash; it can do what its person can, within its scope."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    hint = models.CharField(max_length=8, help_text="Its first characters, to tell tokens apart.")
    scope = models.CharField(max_length=10, choices=TokenScope.choices, default=TokenScope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(scope__in=TokenScope.values), name="api_token_scope_known")
        ]

    def __str__(self) -> str:
        return f"{self.hint}… of {self.person}"
