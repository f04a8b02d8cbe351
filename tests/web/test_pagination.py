"""Keyset paging: every row once, in order, however the cursor was bent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from ownership.models import Team
from tests import factories as make
from web.pagination import KeysetPagination, slice_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams() -> list[Team]:
    """Seven teams; pairs were made at one instant, so that the second key decides."""
    made = [make.team(f"Team {letter}") for letter in "abcdefg"]
    for place, team in enumerate(made):
        team.created_at = make.NOON + timedelta(microseconds=place // 2)
        team.save()
    return made


def walk(keys: tuple[str, ...], size: int) -> list[list[str]]:
    """Every page, by following the cursors."""
    pages, after = [], None
    while True:
        part = slice_of(Team.objects.all(), keys=keys, after=after, size=size)
        pages.append([team.name for team in part.rows])
        after = part.following
        if after is None:
            return pages


@pytest.mark.parametrize("keys", [("created_at", "pk"), ("-created_at", "-pk"), ("-created_at", "pk"), ("name",)])
@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 50])
def test_every_row_comes_once_in_order(teams: list[Team], keys: tuple[str, ...], size: int) -> None:
    pages = walk(keys, size)
    assert [name for page in pages for name in page] == [team.name for team in Team.objects.order_by(*keys)]
    assert all(len(page) == size for page in pages[:-1])
    assert len(pages) == -(-len(teams) // size)


def test_a_row_added_before_the_cursor_moves_nothing(teams: list[Team]) -> None:
    first = slice_of(Team.objects.all(), keys=("name",), after=None, size=3)
    make.team("Team 0")
    second = slice_of(Team.objects.all(), keys=("name",), after=first.following, size=3)
    assert [team.name for team in second.rows] == ["Team d", "Team e", "Team f"]


def test_the_last_row_of_a_page_may_vanish(teams: list[Team]) -> None:
    first = slice_of(Team.objects.all(), keys=("name",), after=None, size=3)
    first.rows[-1].delete()
    second = slice_of(Team.objects.all(), keys=("name",), after=first.following, size=3)
    assert second.rows[0].name == "Team d"


@pytest.mark.parametrize("keys", [("created_at", "pk"), ("-created_at", "-pk"), ("-created_at", "pk"), ("name",)])
@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_the_way_back_shows_the_same_pages(teams: list[Team], keys: tuple[str, ...], size: int) -> None:
    pages, after = [], None
    while True:
        part = slice_of(Team.objects.all(), keys=keys, after=after, size=size)
        pages.append(part)
        if part.following is None:
            break
        after = part.following
    assert pages[0].preceding is None
    for number in range(len(pages) - 1, 0, -1):
        back = slice_of(Team.objects.all(), keys=keys, after=None, before=pages[number].preceding, size=size)
        assert back.rows == pages[number - 1].rows
        assert (back.preceding is None) == (number == 1)


def test_going_back_past_the_first_row_shows_a_whole_first_page(teams: list[Team]) -> None:
    second = slice_of(Team.objects.all(), keys=("name",), after=None, size=3).following
    back = slice_of(Team.objects.all(), keys=("name",), after=second, size=3).preceding
    teams[0].delete()
    part = slice_of(Team.objects.all(), keys=("name",), after=None, before=back, size=3)
    assert [team.name for team in part.rows] == ["Team b", "Team c", "Team d"]
    assert part.preceding is None


def test_beyond_the_end_there_is_a_way_back(teams: list[Team]) -> None:
    cursor = slice_of(Team.objects.all(), keys=("name",), after=None, size=6).following
    teams[-1].delete()
    part = slice_of(Team.objects.all(), keys=("name",), after=cursor, size=6)
    assert part.rows == []
    back = slice_of(Team.objects.all(), keys=("name",), after=None, before=part.preceding, size=6)
    assert [team.name for team in back.rows] == [f"Team {letter}" for letter in "abcdef"]


@pytest.mark.parametrize(
    "cursor", ["x", "WyJhYmMiXQ", "%00", "a:b:c", ":", "é", Signer().sign_object(["1 OR 1=1"]), "9" * 5000]
)
def test_a_cursor_of_somebodys_own_making_starts_from_the_beginning(teams: list[Team], cursor: str) -> None:
    assert slice_of(Team.objects.all(), keys=("pk",), after=cursor, size=2).rows == teams[:2]


def test_a_cursor_of_another_order_or_list_starts_from_the_beginning(teams: list[Team]) -> None:
    foreign = slice_of(Team.objects.all(), keys=("name",), after=None, size=2).following
    assert slice_of(Team.objects.all(), keys=("pk",), after=foreign, size=2).rows == teams[:2]


def test_an_empty_list_has_no_next_page() -> None:
    part = slice_of(Team.objects.all(), keys=("pk",), after=None)
    assert (part.rows, part.following) == ([], None)


def test_a_page_is_one_query_without_count_or_offset_that_begins_at_the_cursor(teams: list[Team]) -> None:
    keys = ("-created_at", "-pk")
    following = slice_of(Team.objects.all(), keys=keys, after=None, size=2).following
    with CaptureQueriesContext(
        connection,
    ) as captured:
        slice_of(Team.objects.all(), keys=keys, after=following, size=2)
    (query,) = captured.captured_queries
    assert "COUNT" not in query["sql"]
    assert "OFFSET" not in query["sql"]
    assert '"created_at", "ownership_team"."id") < (' in query["sql"]
    assert "LIMIT 3" in query["sql"]


# ---- the API's lists ----


class TeamList:
    ordering = ("name", "pk")


def read(query: str, view: Any = TeamList) -> tuple[list[str], str | None]:
    paginator = KeysetPagination()
    request = Request(APIRequestFactory().get(f"/teams/{query}"))
    page = paginator.paginate_queryset(Team.objects.all(), request, view)
    return [team.name for team in page or ()], paginator.get_next_link()


def test_api_lists_follow_their_views_order_and_end(teams: list[Team]) -> None:
    names, following = read("?page_size=5")
    assert names == [f"Team {letter}" for letter in "abcde"]
    assert following is not None
    names, following = read(f"?{following.partition('?')[2]}")
    assert (names, following) == (["Team f", "Team g"], None)


def test_api_lists_without_an_order_show_the_newest_first(teams: list[Team]) -> None:
    assert read("?page_size=1", view=object())[0] == ["Team g"]


def test_api_pages_have_a_largest_size(teams: list[Team]) -> None:
    request = Request(APIRequestFactory().get("/teams/?page_size=100000"))
    assert KeysetPagination().get_page_size(request) == 200


@pytest.mark.parametrize("cursor", ["x", "cD14eHg=", "bz0tMQ==", "cj0xJnA9eA=="])
def test_a_bent_api_cursor_is_a_404_and_no_500(teams: list[Team], cursor: str) -> None:
    class ByAge:
        ordering = ("-created_at", "-pk")

    with pytest.raises(NotFound):
        read(f"?cursor={cursor}", view=ByAge)
