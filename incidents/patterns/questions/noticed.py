"""Who noticed?"""

from __future__ import annotations

from incidents.patterns.answers import noticed as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import noticed as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import DetectedBy


def ask(asked: Asked) -> Answer:
    """The source of detection, month by month."""
    return answers.answer(queries.sources(asked.scope), asked.window, sources=dict(DetectedBy.choices))


QUESTION = Question("noticed", "Who noticed?", ask)
