"""What rooms hang on one another's pages and acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pytest

from web import registry
from web.registry import NavItem, Panel, Step, TopAction


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of its own for each test."""
    for name in ("_nav", "_top", "_steps"):
        monkeypatch.setattr(registry, name, [])
    for name in ("_panels", "_notes", "_listeners"):
        monkeypatch.setattr(registry, name, defaultdict(list))


def item(label: str, order: int) -> NavItem:
    return NavItem(label=label, url_name="x", icon="board", order=order, prefixes=())


def test_places_stand_in_their_order_whoever_came_first() -> None:
    registry.add_nav(item("Patterns", 30))
    registry.add_nav(item("Board", 10), item("Postmortems", 20))
    assert [place.label for place in registry.nav()] == ["Board", "Postmortems", "Patterns"]


def test_the_rail_cannot_be_changed_from_outside() -> None:
    registry.add_nav(item("Board", 10))
    registry.nav().clear()
    assert len(registry.nav()) == 1


def test_buttons_stand_in_their_order() -> None:
    for order, label in ((2, "second"), (1, "first")):
        registry.add_top_action(TopAction(label=label, url_name="x", allowed=lambda viewer: True, order=order))
    assert [action.label for action in registry.top_actions()] == ["first", "second"]


def test_steps_of_all_rooms_make_one_list_for_this_viewer() -> None:
    def of_room(order: int) -> Any:
        return lambda viewer: [Step(order, f"{viewer} {order}", "", done=False, url_name=None)]

    registry.add_steps(of_room(3))
    registry.add_steps(of_room(1))
    assert [step.label for step in registry.steps_for("Maya")] == ["Maya 1", "Maya 3"]


def test_panels_are_asked_for_a_page_and_may_have_nothing_to_say() -> None:
    asked: list[Collection[int]] = []

    def panels(viewer: Any, ids: Collection[int]) -> dict[int, Panel]:
        asked.append(ids)
        return {7: Panel("x.html", {"viewer": viewer})}

    registry.add_panels("incident", panels)
    assert [panel.template for panel in registry.panels_for("incident", "Maya", 7)] == ["x.html"]
    assert registry.panels_for("incident", "Maya", 8) == []
    assert registry.panels_for("service", "Maya", 7) == []
    assert asked == [[7], [8]]


def test_listeners_hear_their_event_at_once_and_in_turn() -> None:
    heard: list[str] = []
    registry.listen("owner_changed", lambda service: heard.append(f"first {service}"))
    registry.listen("owner_changed", lambda service: heard.append(f"second {service}"))
    registry.tell("owner_changed", service="answers")
    registry.tell("nobody_listens", service="answers")
    assert heard == ["first answers", "second answers"]


def test_a_listener_that_fails_fails_the_act() -> None:
    def refuse(**facts: Any) -> None:
        raise ValueError("not so")

    registry.listen("resolving", refuse)
    with pytest.raises(ValueError, match="not so"):
        registry.tell("resolving", incident=1)


def test_what_several_rooms_say_of_a_row_stands_together() -> None:
    asked: list[Collection[int]] = []

    def of_some(viewer: Any, rows: Collection[int]) -> dict[int, str]:
        asked.append(rows)
        return {rows[0]: "3 alerts"} if isinstance(rows, list) else {}

    registry.add_notes("board_row", of_some)
    registry.add_notes("board_row", lambda viewer, rows: {1: "a change", 2: "another"})
    assert registry.notes_for("board_row", None, [1, 2]) == {1: ["3 alerts", "a change"], 2: ["another"]}
    assert asked == [[1, 2]]
    assert registry.notes_for("board_row", None, []) == {}
    assert registry.notes_for("elsewhere", None, [1]) == {}
    assert asked == [[1, 2]]
