"""What the card "Who answers" needs on the page of a service, a component or a seam."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.utils import timezone

from ownership import access
from ownership.access import SignedInRequest
from ownership.forms.assigning import AssignForm
from ownership.models.assignments import Subject
from ownership.queries import waivers
from ownership.queries.answers import Answers
from ownership.views.about import About
from ownership.views.confirmations import line_of
from ownership.vocabulary import AssignmentRole


def answers_card(request: SignedInRequest, subject: Subject, told: Answers, *, may_edit: bool) -> dict[str, Any]:
    """The card's part of a page's context, with a fresh form for those who may assign."""
    about = About(subject)
    waiver = waivers.open_of(subject)
    hand_over = "" if told.handover else about.hand_over
    context = {
        "about": about,
        "answers": told,
        "answering": told.answering,
        "waiver": waiver,
        "alarm": waiver is None and _is_alarming(about, told),
        "confirm": line_of(
            request.user, told.answering.accountable, at=timezone.now(), hand_over=hand_over, may_remind=may_edit
        ),
        "may_hand_over": _may_hand_over(request, subject, told, may_edit=may_edit),
        "names_for": _names_for(request, told, may_edit=may_edit),
    }
    if not may_edit:
        return context
    asked = request.GET.get("as", "")  # as a cure's link has it: which role to give
    role = asked if asked in AssignmentRole.values else ""
    return {**context, "assign_form": _fresh_form(about, told, role), "assign_open": bool(role)}


def _may_hand_over(request: SignedInRequest, subject: Subject, told: Answers, *, may_edit: bool) -> bool:
    accountable = told.answering.accountable
    retired = getattr(subject, "retired_at", None)
    if accountable is None or told.handover is not None or retired is not None:
        return False
    return may_edit or access.speaks_for(request.user, accountable.party)


def _is_alarming(about: About, told: Answers) -> bool:
    """A service always needs somebody; a component or seam needs nobody of its own until somebody it had has left."""
    return not told.answering.is_answered and (about.kind == "service" or told.answering.accountable is not None)


def _names_for(request: SignedInRequest, told: Answers, *, may_edit: bool) -> int | None:
    """The assignment by which a team is accountable, when the viewer may say who of the team answers."""
    accountable = told.answering.accountable
    if accountable is None or not accountable.is_team:
        return None
    return accountable.row if may_edit or access.speaks_for(request.user, accountable.party) else None


def _fresh_form(about: About, told: Answers, role: str) -> Form:
    accountable = told.answering.accountable
    initial = {
        "role": role or AssignmentRole.ACCOUNTABLE,
        "instead_of": accountable.row if accountable else None,
    }
    return AssignForm(initial=initial, kind=about.kind, auto_id="assign_%s")
