"""Where?"""

from __future__ import annotations

from incidents.patterns.answers import places as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import places as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Incidents by service and layer."""
    return answers.answer(queries.services(asked.scope), asked.base)


QUESTION = Question("places", "Where?", ask, on_overview=True)
