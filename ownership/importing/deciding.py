"""What people make of a claim: take it at its word, or leave it."""

from __future__ import annotations

from datetime import datetime

from ownership import assigning
from ownership.models import Assignment, Claim, Person
from ownership.vocabulary import AssignmentRole, ClaimState
from web.errors import Invalid, translated


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
        if party is None:
            raise NothingToAccept(f"Nobody here is known as {claim.owner}; add them and import again, or ignore it.")
        of = {"service": claim.service} if claim.service else {"component": claim.component}
        held = Assignment.objects.filter(role=claim.role, superseded_at=None, during__contains=now, **of)
        holders = list(held.select_related("person", "team", "service", "component", "dependency").order_by("pk"))
        if party not in [row.party for row in holders]:
            if holders and claim.role == AssignmentRole.ACCOUNTABLE:
                assigning.replace(holders[0], party=party, at=now, by=by, now=now)
            else:
                assigning.assign(subject=subject, role=claim.role, party=party, since=now, by=by, now=now)
        return _decided(claim, ClaimState.ACCEPTED)


def ignore(claim: Claim, *, by: Person, now: datetime) -> Claim:
    """The claim is no drift any more, whatever the file goes on saying; the assignment stays. Twice is once."""
    with translated():
        return _decided(_locked(claim), ClaimState.IGNORED)


def _locked(claim: Claim) -> Claim:
    rows = Claim.objects.select_related("service", "component", "person", "team")
    return rows.select_for_update(of=("self",)).get(pk=claim.pk)


def _decided(claim: Claim, state: ClaimState) -> Claim:
    claim.state = state
    claim.save(update_fields=["state"])
    return claim
