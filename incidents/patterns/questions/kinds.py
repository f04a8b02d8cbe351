"""What sort of part?"""

from __future__ import annotations

from incidents.patterns.answers import kinds as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import places as queries
from incidents.patterns.questions.asking import Asked, Question
from ownership.vocabulary import ComponentKind

NAMES = {**{kind.value: str(kind.label) for kind in ComponentKind}, answers.SEAM: "Seam between two"}


def ask(asked: Asked) -> Answer:
    """Incidents by kind of component, and seams."""
    rows, placed = queries.kinds(asked.scope)
    return answers.answer(rows, placed, asked.base, names=NAMES)


QUESTION = Question("kinds", "What sort of part?", ask)
