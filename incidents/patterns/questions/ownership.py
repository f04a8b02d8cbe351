"""Who owns what breaks?"""

from __future__ import annotations

from incidents.patterns.answers import ownership as answers
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import ownership as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.patterns.window import NO_SERVICE

OF_INCIDENTS = {"severity": "severity", "detected_by": "who noticed", "failing": "the layer that failed"}


def ask(asked: Asked) -> Answer:
    """Time in which nobody was accountable for a service, and incidents that opened so."""
    narrowed = [words for name, words in OF_INCIDENTS.items() if getattr(asked.window.filters, name)]
    nameless = asked.window.service == NO_SERVICE
    services = [] if nameless else queries.services(asked.scope, clock=asked.window.as_of)
    return answers.answer(services, queries.opened(asked.scope), asked.base, narrowed=narrowed)


QUESTION = Question("ownership", "Who owns what breaks?", ask)
