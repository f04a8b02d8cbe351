"""In which way?"""

from __future__ import annotations

from incidents.patterns.answers import modes as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import places as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Findings by failure mode."""
    return answers.answer(queries.modes(asked.scope), asked.base)


QUESTION = Question("modes", "In which way?", ask)
