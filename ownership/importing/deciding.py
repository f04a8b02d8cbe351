"""What people make of a claim: take it at its word, leave it, or think again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ownership import assigning
from ownership.models import Assignment, Claim, Person
from ownership.vocabulary import AssignmentRole, ClaimState
from web.errors import DomainError, Invalid, translated


class NothingToAccept(Invalid):
    """This claim cannot be accepted."""

    code = "nothing_to_accept"


def accept(claim: Claim, *, by: Person, now: datetime) -> Claim:
    """From now on the party of the claim holds its role, in place of whoever is accountable. Twice is once."""
    with translated():
        claim = _locked(claim)
        subject, party = claim.service or claim.component, claim.team or claim.person
        if subject is None:
            raise NothingToAccept(f"{claim.subject_name} is no service or component here; ignore the claim instead.")
        if claim.vanished_at:
            raise NothingToAccept(f"{claim.source} no longer says so; ignore the claim instead.")
        if party is None:
            raise NothingToAccept(f"Nobody here is known as {claim.owner}; add them and import again, or ignore it.")
        of = {"service": claim.service} if claim.service else {"component": claim.component}
        held = Assignment.objects.filter(role=claim.role, superseded_at=None, during__contains=now, **of)
        holders = list(held.select_related("person", "team", "service", "component", "dependency").order_by("pk"))
        if not party.is_here(now):
            raise NothingToAccept(f"{party} is no longer here; ignore the claim, or say whom {claim.owner} means.")
        if party not in [row.party for row in holders] and not _looks_after(claim):
            if holders and claim.role == AssignmentRole.ACCOUNTABLE:
                assigning.replace(holders[0], party=party, at=now, by=by, now=now)
            else:
                assigning.assign(subject=subject, role=claim.role, party=party, since=now, by=by, now=now)
        return _decided(claim, ClaimState.ACCEPTED, by=by, now=now)


def all_of(
    claims: Iterable[Claim], deed: Callable[..., Claim], *, by: Person, now: datetime
) -> tuple[int, list[tuple[Claim, DomainError]]]:
    """One of the acts of this module for many claims: (how many it was done to, those refused and why)."""
    done, refused = 0, list[tuple[Claim, DomainError]]()
    for claim in claims:
        try:
            deed(claim, by=by, now=now)
            done += 1
        except DomainError as error:
            refused.append((claim, error))
    return done, refused


def ignore(claim: Claim, *, by: Person, now: datetime) -> Claim:
    """The claim is no drift any more, whatever the file goes on saying; the assignment stays. Twice is once."""
    with translated():
        return _decided(_locked(claim), ClaimState.IGNORED, by=by, now=now)


def reconsider(claim: Claim, *, by: Person, now: datetime) -> Claim:
    """Nobody has decided about the claim after all; an assignment that accepting it made stays."""
    with translated():
        return _decided(_locked(claim), ClaimState.NEW, by=by, now=now)


def _looks_after(claim: Claim) -> bool:
    """The component's own page names the team as its custodian already."""
    known = claim.role == AssignmentRole.CUSTODIAN and claim.component and claim.component.custodian_id
    return bool(known) and known == claim.team_id


def _locked(claim: Claim) -> Claim:
    rows = Claim.objects.select_related("service", "component", "person", "team")
    return rows.select_for_update(of=("self",)).get(pk=claim.pk)


def _decided(claim: Claim, state: ClaimState, *, by: Person, now: datetime) -> Claim:
    if claim.state != state:
        claim.state, claim.decided_by, claim.decided_at = state, by, now
        if state == ClaimState.NEW:
            claim.decided_by = claim.decided_at = None
        claim.save(update_fields=["state", "decided_by", "decided_at"])
    return claim
