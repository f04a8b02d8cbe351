"""What fails together?"""

from __future__ import annotations

from incidents.patterns.answers import together as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import together as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import Layer


def ask(asked: Asked) -> Answer:
    """Pairs of layers in one incident."""
    return answers.answer(queries.layers(asked.scope), asked.base, layers=Layer.values)


QUESTION = Question("together", "What fails together?", ask)
