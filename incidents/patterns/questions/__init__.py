"""The questions that the patterns answer, in their order; each lives in a module of its own."""

from __future__ import annotations

from incidents.patterns.questions import (
    alike,
    blames,
    budgets,
    changing,
    durations,
    fixes,
    follow_through,
    green,
    handoffs,
    hurt,
    kinds,
    layers,
    modes,
    months,
    noticed,
    ownership,
    places,
    promises,
    recurrence,
    repeats,
    rules,
    suggestions,
    together,
)
from incidents.patterns.questions.asking import Question

QUESTIONS: tuple[Question, ...] = (
    hurt.QUESTION,
    layers.QUESTION,
    months.QUESTION,
    places.QUESTION,
    kinds.QUESTION,
    modes.QUESTION,
    blames.QUESTION,
    together.QUESTION,
    alike.QUESTION,
    recurrence.QUESTION,
    repeats.QUESTION,
    fixes.QUESTION,
    durations.QUESTION,
    *durations.BY,
    noticed.QUESTION,
    green.QUESTION,
    changing.QUESTION,
    ownership.QUESTION,
    handoffs.QUESTION,
    follow_through.QUESTION,
    promises.QUESTION,
    suggestions.QUESTION,
    rules.QUESTION,
    budgets.QUESTION,
)
BY_SLUG = {question.slug: question for question in QUESTIONS}
