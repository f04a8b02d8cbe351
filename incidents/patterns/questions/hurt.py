"""How much did it hurt?"""

from __future__ import annotations

from incidents.patterns.answers import hurt as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import hurt as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Minutes of impact times the share of traffic, against what each service's objective allows."""
    found = queries.pains(asked.scope, asked.window)
    return answers.answer(found, queries.objectives(asked.scope, {pain.service for pain in found}), asked.window)


QUESTION = Question("hurt", "How much did it hurt?", ask, on_overview=True)
