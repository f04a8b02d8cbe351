"""What the card "Who answers" needs on the page of a service, a component or a seam."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.utils import timezone

from ownership import speaking
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
    accountable = told.answering.accountable
    speaks = accountable is not None and speaking.speaks_for(request.user, accountable.party)
    context = {
        "about": about,
        "answers": told,
        "answering": told.answering,
        "waiver": waiver,
        "alarm": waiver is None and _is_alarming(about, told),
        "confirm": line_of(
            request.user, accountable, at=timezone.now(), speaks=speaks, hand_over=hand_over, may_remind=may_edit
        ),
        "may_hand_over": (may_edit or speaks) and _can_be_handed_over(subject, told),
        "names_for": accountable.row if accountable and accountable.is_team and (may_edit or speaks) else None,
    }
    if not may_edit:
        return context
    asked = request.GET.get("as", "")  # as a cure's link has it: which role to give
    role = asked if asked in AssignmentRole.values else ""
    return {**context, "assign_form": _fresh_form(about, told, role), "assign_open": bool(role)}


def _can_be_handed_over(subject: Subject, told: Answers) -> bool:
    is_retired = getattr(subject, "retired_at", None) is not None
    return told.answering.accountable is not None and told.handover is None and not is_retired


def _is_alarming(about: About, told: Answers) -> bool:
    """A service always needs somebody; a component or seam needs nobody of its own until somebody it had has left."""
    return not told.answering.is_answered and (about.kind == "service" or told.answering.accountable is not None)


def _fresh_form(about: About, told: Answers, role: str) -> Form:
    accountable = told.answering.accountable
    initial = {
        "role": role or AssignmentRole.ACCOUNTABLE,
        "instead_of": accountable.row if accountable else None,
    }
    return AssignForm(initial=initial, kind=about.kind, auto_id="assign_%s")
