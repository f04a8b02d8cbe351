"""The questions that the patterns answer, in their order; each lives in a module of its own."""

from __future__ import annotations

from incidents.patterns.questions import (
    alike,
    blames,
    changing,
    durations,
    kinds,
    layers,
    modes,
    months,
    places,
    together,
)
from incidents.patterns.questions.asking import Question

QUESTIONS: tuple[Question, ...] = (
    layers.QUESTION,
    months.QUESTION,
    places.QUESTION,
    kinds.QUESTION,
    modes.QUESTION,
    blames.QUESTION,
    together.QUESTION,
    alike.QUESTION,
    durations.QUESTION,
    changing.QUESTION,
)
BY_SLUG = {question.slug: question for question in QUESTIONS}
