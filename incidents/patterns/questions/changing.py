"""Did anything change?"""

from __future__ import annotations

from incidents.patterns.answers import changing as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import layers
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Incidents a month on an individuals chart."""
    return answers.answer(layers.months(asked.scope), asked.base, asked.window)


QUESTION = Question("changing", "Did anything change?", ask, on_overview=True)
