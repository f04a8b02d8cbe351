"""How long, and for whom?"""

from __future__ import annotations

from incidents.patterns.answers import durations as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import durations as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Times until noticed, acknowledged, users well, resolved; what is open counts as longer than so far."""
    return answers.answer(queries.lasted(asked.scope, until=asked.window.as_of))


QUESTION = Question("durations", "How long, and for whom?", ask, on_overview=True)
