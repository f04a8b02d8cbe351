"""Writes down who is said to own what. Nothing here changes an assignment: people accept or ignore."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Lower

from ownership.importing import csvfile, merging, refs
from ownership.importing.gathering import Gathered
from ownership.importing.merging import Catalogue
from ownership.importing.placing import BATCH, Placed
from ownership.importing.records import ClaimChange, OwnerClaim, Ref
from ownership.importing.report import Unresolved
from ownership.models import Claim, Component, OwnerAlias, Person, Service, Team

NO_ACCOUNT = "no_account"
_KEPT = ("line", "component", "service", "person", "team", "unresolved", "last_seen", "vanished_at")
_LONGEST_SOURCE = 400


@dataclass
class Claimed:
    """What became of the claims: owners nobody knows, those known who have no account here, and what is different."""

    unknown: list[Unresolved] = field(default_factory=list)
    without_account: list[Unresolved] = field(default_factory=list)
    changes: list[ClaimChange] = field(default_factory=list)
    again: int = 0


class _Parties:
    """Who may be meant: what people said a text means, teams by name and slug, people by e-mail, and what the files
    describe. Only who is still here is meant."""

    def __init__(self, catalogue: Catalogue, placed: Placed) -> None:
        self.catalogue, self.placed = catalogue, placed
        self.said = {one.text.lower(): one.party for one in _living_aliases()}
        self.teams: dict[str, Team] = {}
        for team in Team.objects.filter(dissolved_at=None).order_by("pk"):
            self.teams.setdefault(team.name.lower(), team)
            self.teams.setdefault(team.slug, team)
        wanted = {claim.owner.lower() for claim in catalogue.claims if refs.is_email(claim.owner)}
        wanted |= {email.lower() for email in catalogue.emails}
        people = Person.objects.filter(is_active=True).annotate(lower=Lower("email")).filter(lower__in=wanted)
        self.people = {person.email.lower(): person for person in people}

    def find(self, claim: OwnerClaim) -> tuple[Person | Team | None, str]:
        """(the party, "") or (None, why not)."""
        said = self.said.get(claim.owner[:300].lower())
        return (said, "") if said else self._found(claim)

    def _found(self, claim: OwnerClaim) -> tuple[Person | Team | None, str]:
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


def record(gathered: Gathered, placed: Placed, *, now: datetime) -> Claimed:
    """Keep every claim, new or seen again, and mark those that their file no longer makes."""
    parties = _Parties(gathered.catalogue, placed)
    claimed = Claimed()
    rows: dict[str, Claim] = {}
    for claim in gathered.catalogue.claims:
        party, reason = parties.find(claim)
        if party is None:
            (claimed.without_account if reason == NO_ACCOUNT else claimed.unknown).append(Unresolved(claim, reason))
        row = _row(claim, gathered.labels[claim.file], placed, party, reason)
        row.first_seen = row.last_seen = now
        rows[row.fingerprint] = row
    known = Claim.objects.filter(fingerprint__in=list(rows)).select_related("team", "person")
    there = {row.fingerprint: row for row in known}
    for fingerprint, row in rows.items():
        change = _change(row, there.get(fingerprint))
        claimed.again += change is None
        claimed.changes += [change] if change else []
    claimed.changes += _vanished(gathered, set(rows), now=now)
    Claim.objects.bulk_create(
        rows.values(), batch_size=BATCH, update_conflicts=True, unique_fields=["fingerprint"], update_fields=_KEPT
    )
    placed.created["claims"] += len(rows) - len(there)
    return claimed


def _living_aliases() -> Iterator[OwnerAlias]:
    here = Q(person__is_active=True) | Q(team__isnull=False, team__dissolved_at=None)
    return OwnerAlias.objects.filter(here).select_related("person", "team").iterator()


def _vanished(gathered: Gathered, seen: set[str], *, now: datetime) -> list[ClaimChange]:
    """Mark claims of files that were read in full and no longer hold them. A file with an error proves nothing."""
    whole = {(label[:_LONGEST_SOURCE], kind) for label, kind in gathered.whole}
    rows = Claim.objects.filter(source__in={label for label, _ in whole}, vanished_at=None).order_by("pk")
    gone = [row for row in rows if (row.source, row.format) in whole and row.fingerprint not in seen]
    Claim.objects.filter(pk__in=[row.pk for row in gone]).update(vanished_at=now)
    return [_told("vanished", row, "the file says it no longer") for row in gone]


def _change(row: Claim, was: Claim | None) -> ClaimChange | None:
    """What is different about a claim that was known; None when nothing is."""
    if was is None:
        return _told("new", row, f"means {row.team or row.person}" if row.team or row.person else row.unresolved)
    if was.vanished_at:
        return _told("back", row, "the file says it again")
    if (was.team_id, was.person_id) != (row.team_id, row.person_id):
        return _told("changed", row, f"meant {was.team or was.person or 'nobody'}")
    if (was.component_id, was.service_id) != (row.component_id, row.service_id):
        return _told("changed", row, "is about another row here")
    if was.line != row.line:
        return _told("changed", row, f"stood on line {was.line}")
    return None


def _told(what: str, row: Claim, detail: str) -> ClaimChange:
    return ClaimChange(what, row.source, row.line, row.subject_name, row.owner, row.role, detail)


def _row(claim: OwnerClaim, source: str, placed: Placed, party: Person | Team | None, reason: str) -> Claim:
    subject = (placed.rows.get(claim.subject) or placed.retired.get(claim.subject)) if claim.subject else None
    return Claim(
        fingerprint=hashlib.sha256("\0".join(_identity(claim, source)).encode()).hexdigest(),
        format=claim.format,
        source=source[:_LONGEST_SOURCE],
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
