"""Whether an earlier action held when its mode came back: said in the postmortem of the later incident."""

from __future__ import annotations

from datetime import datetime

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, Held, HeldAnswer, Postmortem
from ownership.models import Person
from web.errors import Invalid

SAYS_ENOUGH = (HeldAnswer.NEVER_DONE, HeldAnswer.UNKNOWN)


def answer(postmortem: Postmortem, action: Action, *, answer: str, note: str, by: Person, now: datetime) -> Held:
    """Record the answer; a later one supersedes it. Held, partly or not reached say in the note what shows it."""
    if answer not in HeldAnswer.values:
        raise Invalid("Choose one of the answers.", field="answer")
    if answer not in SAYS_ENOUGH and not note.strip():
        raise Invalid("Say what shows it.", field="note")
    with freezing.draft(postmortem) as current:
        if action.postmortem_id == current.pk:
            raise Invalid("That is an action of this postmortem, not of an earlier one.", field="answer")
        before = Held.objects.filter(postmortem=current, action=action, superseded_at=None)
        standing = before.first()
        if standing is not None and (standing.answer, standing.note) == (answer, note.strip()):
            return standing
        before.update(superseded_at=now)
        return Held.objects.create(
            postmortem=current, action=action, answer=answer, note=note.strip(), by=by, known_from=now
        )
