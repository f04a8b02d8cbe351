"""Does the ball go to and fro?"""

from __future__ import annotations

from incidents.patterns.answers import handoffs as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import handoffs as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Hand-offs of incidents."""
    return answers.answer(queries.passed(asked.scope), asked.base)


QUESTION = Question("handoffs", "Do incidents go to and fro?", ask)
