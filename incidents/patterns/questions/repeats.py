"""What comes back more than elsewhere?"""

from __future__ import annotations

from incidents.patterns.answers import repeats as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import recurring as queries
from incidents.patterns.questions.asking import Asked, Question


def ask(asked: Asked) -> Answer:
    """Modes by service against what the days in service would have."""
    found, watched = queries.hits(asked.scope, asked.window)
    return answers.answer(found, watched, asked.base)


QUESTION = Question("repeats", "What comes back more than elsewhere?", ask)
