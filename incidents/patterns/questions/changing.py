"""Did anything change?"""

from __future__ import annotations

from incidents.patterns.answers import changing as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import changing as queries
from incidents.patterns.queries import layers
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Incidents a month on an individuals chart."""
    since = queries.since(asked.scope, asked.window)
    return answers.answer(layers.months(asked.scope), asked.base, asked.window, since)


QUESTION = Question("changing", "Did anything change?", ask, on_overview=True)
