"""Saving grouping policies: a new version supersedes the old one; incidents keep the version that they opened under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db.models import Max

from incidents.response.models import GroupingPolicy
from incidents.response.queries import policies
from ownership.models import Person, Service
from web.errors import DomainError, Invalid, translated

LABELS = 5
LABEL = re.compile(r"[^\s|=,]{1,100}")


class PolicyChanged(DomainError):
    """Somebody saved another version meanwhile; look at it first."""

    code = "policy_changed"


class NoPolicy(DomainError):
    """There is no policy of its own to give up."""

    code = "no_policy"


@dataclass(frozen=True)
class Said:
    """What a version says; the defaults are the built-in policy. `quiet_seconds` None: the installation's."""

    labels: Sequence[str] = field(default_factory=list)
    window_minutes: int = 30
    quiet_seconds: int | None = None
    reopen_minutes: int = 0
    longest_minutes: int = 24 * 60
    flap_times: int = 4
    flap_minutes: int = 60
    calm_minutes: int = 30


def save(
    service: Service | None, said: Said, *, by: Person, now: datetime, based_on: int | None = None
) -> GroupingPolicy:
    """A new version for a service, or for all without their own. `based_on` is the version that was looked at, 0: none.

    It holds for what is received from `now` on.
    """
    require_sensible(said)
    with translated():
        old = _ended(service, now, based_on)
        last = GroupingPolicy.objects.filter(service=service).aggregate(last=Max("version"))["last"] or 0
        if old is not None and now <= old.known_from:
            raise PolicyChanged
        return GroupingPolicy.objects.create(
            service=service, version=last + 1, by=by, known_from=now, **{**asdict(said), "labels": list(said.labels)}
        )


def give_up(service: Service, *, now: datetime) -> None:
    """From now on the policy of all others holds for this service."""
    with translated():
        if _ended(service, now, None) is None:
            raise NoPolicy


def draft(said: Said, *, service: Service | None) -> GroupingPolicy:
    """A version that is not saved, for a trial."""
    require_sensible(said)
    return GroupingPolicy(service=service, version=0, **{**asdict(said), "labels": list(said.labels)})


def require_sensible(said: Said) -> None:
    """Raise Invalid, with the field, for what no policy can say."""
    if len(said.labels) > LABELS:
        raise Invalid(f"At most {LABELS} labels: each splits incidents further.", field="labels")
    wrong = [label for label in said.labels if not LABEL.fullmatch(label)]
    if wrong:
        raise Invalid(f"“{wrong[0]}” is no name of a label.", field="labels")
    if len(set(said.labels)) < len(said.labels):
        raise Invalid("Name each label once.", field="labels")
    if not 1 <= said.window_minutes <= said.longest_minutes <= 43200:
        raise Invalid(
            "The window is at least a minute, and at most the maximum length (30 days).", field="window_minutes"
        )
    if said.reopen_minutes > said.longest_minutes:
        raise Invalid("The reopen window is at most the maximum length.", field="reopen_minutes")
    if said.flap_times == 1 or said.flap_times > 100:
        raise Invalid("Flapping begins with 2 to 100 times; 0 switches it off.", field="flap_times")


def _ended(service: Service | None, now: datetime, based_on: int | None) -> GroupingPolicy | None:
    old = policies.current(service)
    if based_on is not None and based_on != (old.version if old else 0):
        raise PolicyChanged
    if old is not None:
        GroupingPolicy.objects.filter(pk=old.pk, superseded_at=None).update(superseded_at=max(now, old.known_from))
    return old
