"""What comes back, and how soon?"""

from __future__ import annotations

from incidents.patterns.answers import recurrence as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import recurring as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """The time until the same mode fails in the same service again."""
    gaps, untold = queries.gaps(asked.scope, asked.window)
    return answers.answer(gaps, untold, asked.base)


QUESTION = Question("recurrence", "What comes back, and how soon?", ask)
