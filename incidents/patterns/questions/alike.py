"""Which services fail on the same days?"""

from __future__ import annotations

from incidents.patterns.answers import alike as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import together as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Pairs of services on one day."""
    return answers.answer(queries.days(asked.scope, asked.window), asked.base)


QUESTION = Question("together_services", "Which services fail on the same days?", ask)
