"""Reads for the card "Who answers", the same for services, components and seams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ownership.models import Assignment, Handover
from ownership.models.assignments import Subject, column_of
from ownership.queries import handovers, owners
from ownership.queries.owners import Answering
from ownership.vocabulary import AssignmentRole, HandoverState

SHOWN = 50


@dataclass(frozen=True)
class Answers:
    """Who answers for one subject now, who did, and the hand-over that is under way."""

    answering: Answering
    history: Sequence[Assignment]
    handover: Handover | None
    was_answered: bool = False  # somebody was accountable, now or before, as known now


def answers_of(subject: Subject, *, at: datetime) -> Answers:
    """The card of one subject; three queries."""
    answering = owners.of_subjects(column_of(subject), [subject.pk], at=at)[subject.pk]
    history = list(owners.history_of(subject)[:SHOWN])
    was = any(
        row.role == AssignmentRole.ACCOUNTABLE
        and row.superseded_at is None
        and (row.during.lower is None or row.during.lower <= at)
        for row in history
    )
    return Answers(answering, history, _pending(subject, answering, at=at), was)


def _pending(subject: Subject, answering: Answering, *, at: datetime) -> Handover | None:
    """The hand-over that is open, or accepted for a time ahead and still true."""
    found = handovers.pending_of(subject, at=at)
    if found is None or found.state == HandoverState.PROPOSED:
        return found
    ends = answering.accountable.until if answering.accountable else None
    return found if ends == found.effective_at else None
