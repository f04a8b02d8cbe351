"""What a question is, and what it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.queries import base, facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window
from ownership.models import Person


@dataclass(frozen=True)
class Asked:
    """A window as one person sees it: which rows count, and how many incidents there are."""

    window: Window
    viewer: Person
    scope: Scope
    base: Base


def about(window: Window, viewer: Person) -> Asked:
    """What a question about this window is asked with; three queries at most."""
    scope = facts.scope(window, viewer)
    return Asked(window, viewer, scope, base.base(scope))


@dataclass(frozen=True)
class Question:
    """A question with the function that answers it. Those `on_overview` are drawn there, the others are led to."""

    slug: str
    title: str
    ask: Callable[[Asked], Answer]
    on_overview: bool = False
