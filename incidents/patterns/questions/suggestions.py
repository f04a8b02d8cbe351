"""Are we right?"""

from __future__ import annotations

from incidents.patterns.answers import suggestions as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import suggestions as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import Layer


def ask(asked: Asked) -> Answer:
    """Suggested layer to primary finding."""
    return answers.answer(queries.pairs(asked.scope), asked.base, layers=Layer.values)


QUESTION = Question("suggestions", "Are suggested layers right?", ask)
