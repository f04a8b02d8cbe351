"""Do we follow through?"""

from __future__ import annotations

from incidents.patterns.answers import follow_through as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import actions as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.patterns.questions.boards import board


def ask(asked: Asked) -> Answer:
    """How long actions wait until they are done."""
    rows = queries.lasted(asked.scope, clock=asked.window.as_of)
    return answers.answer(rows, asked.base, board=board(asked.window, "open"))


QUESTION = Question("follow_through", "Do we follow through?", ask)
