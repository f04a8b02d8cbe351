"""The questions that the patterns answer, in their order; each lives in a module of its own."""

from __future__ import annotations

from incidents.patterns.questions import blames, changing, durations, kinds, layers, modes, months, places
from incidents.patterns.questions.asking import Question

QUESTIONS: tuple[Question, ...] = (
    layers.QUESTION,
    months.QUESTION,
    places.QUESTION,
    kinds.QUESTION,
    modes.QUESTION,
    blames.QUESTION,
    durations.QUESTION,
    changing.QUESTION,
)
BY_SLUG = {question.slug: question for question in QUESTIONS}
