"""Which layers fail, month by month?"""

from __future__ import annotations

from incidents.patterns.answers import months as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import layers as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import Layer


def ask(asked: Asked) -> Answer:
    """Findings per layer and month, reviewed and provisional."""
    return answers.answer(queries.cells(asked.scope), asked.base, asked.window, layers=Layer.values)


QUESTION = Question("months", "Which layers, month by month?", ask)
