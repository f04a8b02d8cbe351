"""Is it the model?"""

from __future__ import annotations

from incidents.patterns.answers import blames as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import blames as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import Layer


def ask(asked: Asked) -> Answer:
    """First blame to primary finding."""
    return answers.answer(queries.flows(asked.scope), layers=Layer.values)


QUESTION = Question("blame", "Is it the model?", ask, on_overview=True)
