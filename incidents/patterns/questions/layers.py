"""Which layers fail?"""

from __future__ import annotations

from incidents.patterns.answers import layers as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import layers as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """The share of incidents in each layer."""
    return answers.answer(queries.shares(asked.scope), asked.base)


QUESTION = Question("layers", "Which layers fail?", ask, on_overview=True)
