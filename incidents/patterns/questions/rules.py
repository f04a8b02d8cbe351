"""Which rules suggest right?"""

from __future__ import annotations

from incidents.patterns.answers import rules as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import suggestions as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """The verdicts of people on each rule."""
    return answers.answer(queries.rules(asked.scope), asked.base)


QUESTION = Question("rules", "Which rules suggest right?", ask)
