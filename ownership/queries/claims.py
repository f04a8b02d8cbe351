"""Where imported catalogues and what was agreed here differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from ownership.models import Assignment, Claim, Component, OwnerAlias, Person, Team
from ownership.vocabulary import AssignmentRole, ClaimState
from web.pagination import slice_of

KEYS = ("subject_name", "pk")
OWNERS_SHOWN = 50
MOST_SOURCES = 200
MOST_COUNTED = 100

WHY = {
    "unknown_party": "no such team or person",
    "unknown_email": "nobody here has that address",
    "not_a_party": "names no person or team",
    "bad_ref": "is no reference",
    "empty": "says nothing",
    "role_not_person": "names a role, not a person",
    "no_account": "described, but not invited here yet",
}

# What a list shows; the first is where people start, and the next two are its halves: nobody holds the role here yet,
# or somebody else does.
SHOWN = ("drift", "nobody", "else", "unknown", "vanished", "accepted", "ignored", "all")


@dataclass(frozen=True)
class Wanted:
    """What to look for among claims; empty finds all."""

    show: str = "drift"
    format: str = ""
    source: str = ""
    team: str = ""
    named: str = ""

    @property
    def narrows(self) -> bool:
        """True when a filter beside `show` is set."""
        return bool(self.format or self.source or self.team or self.named)


@dataclass(frozen=True)
class Drift:
    """A claim, and who holds the role here instead (nobody when empty)."""

    claim: Claim
    holders: list[Person | Team] = field(default_factory=list)

    @property
    def party(self) -> Person | Team | None:
        """Whom the claim means here."""
        return self.claim.team or self.claim.person

    @property
    def agrees(self) -> bool:
        """True when who holds the role here is whom the claim means."""
        return self.party is not None and self.party in self.holders

    @property
    def can_be_accepted(self) -> bool:
        """True when both the subject and the party are here, and the file still says so."""
        subject = self.claim.service_id or self.claim.component_id
        return self.party is not None and bool(subject) and not self.claim.vanished_at and not self.agrees


@dataclass(frozen=True)
class Drifts:
    """One page of drift, and the cursor of the next."""

    rows: list[Drift]
    following: str | None


@dataclass(frozen=True)
class UnknownOwner:
    """An owner as the files write it whom nobody here is known by, and how much hangs on it."""

    text: str
    claims: int
    subjects: int
    reason: str
    example: str
    source: str

    @property
    def why(self) -> str:
        """The reason in words."""
        return WHY.get(self.reason, self.reason.replace("_", " "))


@dataclass(frozen=True)
class UnknownOwners:
    """A page of them; `following` is the last text when there are more."""

    rows: list[UnknownOwner]
    following: str | None


def claims_of(wanted: Wanted, *, at: datetime) -> QuerySet[Claim]:
    """The claims that a list shows; see SHOWN and `drift`."""
    rows = _shown(wanted.show, at)
    if wanted.format:
        rows = rows.filter(format=wanted.format)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.team:
        rows = rows.filter(team__slug=wanted.team)
    return rows.filter(said(wanted.named)) if wanted.named else rows


def said(words: str) -> Q:
    """Claims whose owner or subject holds these words, as written or as called here."""
    written = Q(subject_name__icontains=words) | Q(owner__icontains=words)
    return written | Q(service__name__icontains=words) | Q(component__name__icontains=words)


def drift(*, at: datetime, unresolved: bool = False) -> QuerySet[Claim]:
    """Claims that nobody ignored and that do not agree with who holds the role at `at`.

    Without a party they are the owners nobody knows: `unresolved` gives those instead. Claims about paths are evidence
    and never drift, and neither does what the files no longer say.
    """
    rows = Claim.objects.exclude(state=ClaimState.IGNORED).filter(vanished_at=None).filter(_about_something())
    if unresolved:
        return rows.filter(team=None, person=None)
    return rows.filter(Q(team__isnull=False) | Q(person__isnull=False)).filter(~_agreed(at))


def drifting(
    *, at: datetime, unresolved: bool = False, wanted: Wanted | None = None, after: str | None = None
) -> Drifts:
    """A page of them with who holds the role here; two queries however many rows."""
    chosen = claims_of(wanted, at=at) if wanted else drift(at=at, unresolved=unresolved)
    related = ("service", "component__custodian", "team", "person", "decided_by")
    found = slice_of(chosen.select_related(*related), keys=KEYS, after=after)
    held = Assignment.objects.filter(superseded_at=None, during__contains=at).filter(
        Q(service__in=[row.service_id for row in found.rows if row.service_id])
        | Q(component__in=[row.component_id for row in found.rows if row.component_id])
    )
    holders: dict[tuple[int | None, int | None, str], list[Person | Team]] = defaultdict(list)
    for row in held.select_related("person", "team").order_by(F("pk")):
        holders[row.service_id, row.component_id, row.role].append(row.party)
    rows = [
        Drift(claim, _with_custodian(claim, holders[claim.service_id, claim.component_id, claim.role]))
        for claim in found.rows
    ]
    return Drifts(rows, found.following)


def sources() -> list[str]:
    """The files that claims were read from, the first MOST_SOURCES by name."""
    return list(Claim.objects.order_by("source").values_list("source", flat=True).distinct()[:MOST_SOURCES])


def counts(*, at: datetime) -> dict[str, int]:
    """How many wait in each list that asks for a decision, counted up to MOST_COUNTED; one query each."""
    lists = {
        "drift": drift(at=at).values("pk"),
        "nobody": _shown("nobody", at).values("pk"),
        "else": _shown("else", at).values("pk"),
        "unknown": _nobody().values("owner").distinct(),
        "vanished": _shown("vanished", at).values("pk"),
    }
    return {name: rows[:MOST_COUNTED].count() for name, rows in lists.items()}


def unknown_owners(*, after: str = "", size: int = OWNERS_SHOWN) -> UnknownOwners:
    """Owners nobody here is known by, each text once, in order; one query."""
    rows = _nobody().filter(owner__gt=after) if after else _nobody()
    grouped = (
        rows.values("owner")
        .annotate(
            claims=Count("pk"),
            subjects=Count("pk", filter=_about_something()),
            reason=Min("unresolved"),
            example=Min("subject_name"),
            file=Min("source"),
        )
        .order_by("owner")[: size + 1]
    )
    found = [
        UnknownOwner(row["owner"], row["claims"], row["subjects"], row["reason"], row["example"], row["file"])
        for row in grouped
    ]
    return UnknownOwners(found[:size], found[size - 1].text if len(found) > size else None)


def meanings() -> QuerySet[OwnerAlias]:
    """What people said owners mean, by text."""
    return OwnerAlias.objects.select_related("person", "team", "said_by").order_by("text", "pk")


def _shown(show: str, at: datetime) -> QuerySet[Claim]:
    rows = Claim.objects.all()
    if show == "all":
        return rows
    if show in {"nobody", "else"}:
        rows = drift(at=at)
        return rows.exclude(_taken(at)) if show == "nobody" else rows.filter(_taken(at))
    if show == "unknown":
        return drift(at=at, unresolved=True)
    if show == "vanished":
        return rows.filter(vanished_at__isnull=False).filter(_about_something()).exclude(state=ClaimState.IGNORED)
    if show in {ClaimState.ACCEPTED, ClaimState.IGNORED}:
        return rows.filter(state=show)
    return drift(at=at)


def _nobody() -> QuerySet[Claim]:
    return Claim.objects.filter(team=None, person=None, vanished_at=None).exclude(state=ClaimState.IGNORED)


def _about_something() -> Q:
    return Q(service__isnull=False) | Q(component__isnull=False)


def _agreed(at: datetime) -> Q:
    """True of claims whose party holds the role, or is named as custodian on the component's own page."""
    same = Q(team=OuterRef("team")) | Q(person=OuterRef("person"))
    about = Q(service=OuterRef("service")) | Q(component=OuterRef("component"))
    held = Assignment.objects.filter(about, same, role=OuterRef("role"), superseded_at=None, during__contains=at)
    named = Component.objects.filter(pk=OuterRef("component"), custodian=OuterRef("team"))
    return Q(Exists(held)) | (Q(role=AssignmentRole.CUSTODIAN) & Q(Exists(named)))


def _taken(at: datetime) -> Q:
    """True of claims whose role somebody has, or, as custodian, on the component's own page."""
    about = Q(service=OuterRef("service")) | Q(component=OuterRef("component"))
    held = Assignment.objects.filter(about, role=OuterRef("role"), superseded_at=None, during__contains=at)
    named = Component.objects.filter(pk=OuterRef("component"), custodian__isnull=False)
    return Q(Exists(held)) | (Q(role=AssignmentRole.CUSTODIAN) & Q(Exists(named)))


def _with_custodian(claim: Claim, holders: list[Person | Team]) -> list[Person | Team]:
    custodian = claim.component.custodian if claim.component and claim.role == AssignmentRole.CUSTODIAN else None
    return [custodian, *holders] if custodian and custodian not in holders else holders
