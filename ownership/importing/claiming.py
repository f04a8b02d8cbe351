"""Writes down who is said to own what. Nothing here changes an assignment: people accept or ignore."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from django.db.models.functions import Lower

from ownership.importing import csvfile, merging, refs
from ownership.importing.merging import Catalogue
from ownership.importing.placing import BATCH, Placed
from ownership.importing.records import OwnerClaim, Ref
from ownership.importing.report import Unresolved
from ownership.models import Claim, Component, Person, Service, Team

NO_ACCOUNT = "no_account"
_KEPT = ("line", "component", "service", "person", "team", "unresolved", "last_seen")


class _Parties:
    """Who may be meant: teams by name and slug, people by e-mail, and what the files describe."""

    def __init__(self, catalogue: Catalogue, placed: Placed) -> None:
        self.catalogue, self.placed = catalogue, placed
        self.teams: dict[str, Team] = {}
        for team in Team.objects.order_by("pk"):
            self.teams.setdefault(team.name.lower(), team)
            self.teams.setdefault(team.slug, team)
        wanted = {claim.owner.lower() for claim in catalogue.claims if refs.is_email(claim.owner)}
        wanted |= {email.lower() for email in catalogue.emails}
        people = Person.objects.filter(is_active=True).annotate(lower=Lower("email")).filter(lower__in=wanted)
        self.people = {person.email.lower(): person for person in people}

    def find(self, claim: OwnerClaim) -> tuple[Person | Team | None, str]:
        """(the party, "") or (None, why not)."""
        if claim.party is None and not refs.is_email(claim.owner):
            return None, claim.doubt or "unknown_party"
        described = self.catalogue.party(claim)
        if described is not None:
            return self._of(described)
        if claim.party is None:
            person = self.people.get(claim.owner.lower())
            return person, "" if person else "unknown_email"
        if claim.party.kind not in refs.PARTIES:
            return None, "not_a_party"
        team = self._team(claim) if claim.party.kind == "group" else None
        return team, "" if team else "unknown_party"

    def _of(self, ref: Ref) -> tuple[Person | Team | None, str]:
        if ref.kind == "group":
            row = self.placed.rows.get(ref)
            return (row, "") if isinstance(row, Team) else (None, "unknown_party")
        person = self.people.get(self.catalogue.entities[ref].email.lower())
        return person, "" if person else NO_ACCOUNT

    def _team(self, claim: OwnerClaim) -> Team | None:
        """A team that an earlier import made, or one of that name; names of other namespaces are not ours."""
        for ref in merging.candidates(claim):
            row = self.placed.rows.get(ref)
            if isinstance(row, Team):
                return row
            if claim.format == "codeowners" or ref.namespace in {refs.DEFAULT_NAMESPACE, csvfile.NAMESPACE}:
                team = self.teams.get(ref.name)
                if team is not None:
                    return team
        return None


def record(
    catalogue: Catalogue, placed: Placed, *, labels: dict[str, str], now: datetime
) -> tuple[tuple[Unresolved, ...], tuple[Unresolved, ...]]:
    """Keep every claim, new or seen again; returns (owners nobody knows, owners known who have no account here)."""
    parties = _Parties(catalogue, placed)
    rows: dict[str, Claim] = {}
    unknown: list[Unresolved] = []
    without_account: list[Unresolved] = []
    for claim in catalogue.claims:
        party, reason = parties.find(claim)
        if party is None:
            (without_account if reason == NO_ACCOUNT else unknown).append(Unresolved(claim, reason))
        row = _row(claim, labels[claim.file], placed, party, reason)
        row.first_seen = row.last_seen = now
        rows[row.fingerprint] = row
    there = set(Claim.objects.filter(fingerprint__in=list(rows)).values_list("fingerprint", flat=True))
    Claim.objects.bulk_create(
        rows.values(), batch_size=BATCH, update_conflicts=True, unique_fields=["fingerprint"], update_fields=_KEPT
    )
    placed.created["claims"] += len(rows) - len(there)
    return tuple(unknown), tuple(without_account)


def _row(claim: OwnerClaim, source: str, placed: Placed, party: Person | Team | None, reason: str) -> Claim:
    subject = (placed.rows.get(claim.subject) or placed.retired.get(claim.subject)) if claim.subject else None
    return Claim(
        fingerprint=hashlib.sha256("\0".join(_identity(claim, source)).encode()).hexdigest(),
        format=claim.format,
        source=source[:400],
        line=claim.line,
        owner=claim.owner[:300],
        role=claim.role,
        subject_kind=claim.subject_kind[:80],
        subject_name=claim.subject_name[:400],
        component=subject if isinstance(subject, Component) else None,
        service=subject if isinstance(subject, Service) else None,
        person=party if isinstance(party, Person) else None,
        team=party if isinstance(party, Team) else None,
        unresolved=reason,
    )


def _identity(claim: OwnerClaim, source: str) -> Iterator[str]:
    """The same words about the same thing in the same file are the same claim, on whatever line they stand."""
    yield from (claim.format, source, claim.subject_kind, claim.subject_name, claim.role, claim.owner)
