"""Where do budgets break?"""

from __future__ import annotations

from incidents.patterns.answers import budgets as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import stages as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Stages over their budgets, as reviews say."""
    return answers.answer(queries.stages(asked.scope), asked.base)


QUESTION = Question("budgets", "Where do budgets break?", ask)
