"""Do we keep our promises?"""

from __future__ import annotations

from incidents.patterns.answers import promises as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import actions as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.patterns.questions.boards import board

BOARDS = {answers.DUE: "overdue", answers.PROMISED: "open", answers.VERIFIED: "waiting"}


def ask(asked: Asked) -> Answer:
    """Actions on time, and verified ones."""
    rows = queries.kept(asked.scope, clock=asked.window.as_of)
    boards = {what: board(asked.window, state) for what, state in BOARDS.items()}
    return answers.answer(rows, asked.base, boards=boards)


QUESTION = Question("promises", "Are actions done in time, and verified?", ask)
