"""The questions that the patterns answer, in their order; each lives in a module of its own."""

from __future__ import annotations

from incidents.patterns.questions import (
    blames,
    budgets,
    changing,
    durations,
    green,
    hurt,
    layers,
    months,
    noticed,
    rules,
    suggestions,
)
from incidents.patterns.questions.asking import Question

QUESTIONS: tuple[Question, ...] = (
    hurt.QUESTION,
    layers.QUESTION,
    months.QUESTION,
    blames.QUESTION,
    durations.QUESTION,
    *durations.BY,
    noticed.QUESTION,
    green.QUESTION,
    changing.QUESTION,
    suggestions.QUESTION,
    rules.QUESTION,
    budgets.QUESTION,
)
BY_SLUG = {question.slug: question for question in QUESTIONS}
