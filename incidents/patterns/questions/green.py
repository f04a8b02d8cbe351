"""How long were monitors green while it was wrong?"""

from __future__ import annotations

from incidents.patterns.answers import green as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import noticed as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Times from the start of the impact until noticed, of incidents with green monitors."""
    return answers.answer(queries.shown(asked.scope))


QUESTION = Question("green", "How long were monitors green while it was wrong?", ask)
