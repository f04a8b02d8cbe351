"""Did the fix hold?"""

from __future__ import annotations

from incidents.patterns.answers import fixes as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import fixes as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Verified actions against what came back."""
    return answers.answer(*queries.fixes(asked.scope, asked.window))


QUESTION = Question("fixes", "Did the fix hold?", ask)
