"""Taking back what was told of an incident to those who may no longer see it: off their pages, out of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.urls import reverse

from incidents.response.queries import visible
from ownership import notifying
from web import registry

NARROWED = "fewer_see_incidents"  # told with their `numbers`, when a private one lost people or one became private


def narrowed(numbers: Collection[int]) -> None:
    """Fewer people see these incidents from now on. Runs inside the caller's transaction."""
    registry.tell(NARROWED, numbers=numbers)


def notices(*, numbers: Collection[int]) -> None:
    """What was told of their pages."""
    below(numbers, lambda number: reverse("incidents:incident", args=[number]))


def below(numbers: Collection[int], path: Callable[[int], str]) -> None:
    """Take back what was told of pages below `path(number)` to people who may not see that incident, and to teams.

    Who reads a team's channel, nobody knows. What went out by mail or into a chat stays there. Seven queries at most.
    """
    told = {row: number for number in numbers for row in notifying.told_below(path(number))}
    hidden = visible.hidden((row.person_id, number) for row, number in told.items() if row.person_id is not None)
    notifying.take_back(
        row.pk for row, number in told.items() if row.person_id is None or (row.person_id, number) in hidden
    )
