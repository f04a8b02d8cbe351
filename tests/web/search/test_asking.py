"""From what people type to what PostgreSQL looks for."""

from __future__ import annotations

import pytest
from django.db import connection

from web.search import asking, excerpts

pytestmark = pytest.mark.django_db


def holds(text: str, query: str) -> bool:
    """Whether a text is found by a query."""
    asked = asking.read(query)
    assert asked.expression, asked.hint
    with connection.cursor() as cursor:
        cursor.execute("SELECT seamline_words(%s) @@ %s::tsquery", [text, asked.expression])
        (found,) = cursor.fetchone()
    return bool(found)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("timeouts", "One timeout too many"),
        ("retrying", "three retries in a row"),
        ("classificat", "The classification was off"),  # the beginning of a word longer than its stem
        ("classifiers retriev", "A classifier before retrieval"),  # one by its stem, the other by its beginning
        ("TIMEOUT", "the timeout"),
        ("gpt-4o", "gpt-4o answered"),
        ("4o", "gpt-4o answered"),
        ("unit_or", "finding data.unit_or_meaning_change"),
        ("data.unit", "finding data.unit_or_meaning_change"),
        ("meaning change", "finding data.unit_or_meaning_change"),
        ("v2.3", "since v2.3.1 is live"),
        ("example.org/runbook", "see https://wiki.example.org/runbook#top"),
        ("INC-481", "the same as INC-481, again"),
        ("thinking", "the model printed <thinking> to users"),
        ("amp", "the text R&amp;D was shown"),
        ("timeout", "the seam—timeout—was crossed"),
        ("Über", "über alle Maßen"),
        ('"tool call"', "a tool call failed"),
        ('"tool ca', "a tool calls a tool ca"),
        ("what is the timeout", "timeout of the gateway"),
        ("the", "the end"),
        ('"the"', "the end"),
        ("slow or fast", "very fast"),
        ("slow or fast", "very slow"),
        ("answers -stale", "answers were wrong"),
        ("user@example.org", "written by user@example.org"),
        ("-5", "it fell by 5 percent, never by 6"),
    ],
)
def test_what_is_found(query: str, text: str) -> None:
    if query == "-5":  # a minus in front leaves out, alone it says nothing
        assert not asking.read(query).expression
        return
    assert holds(text, query)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"tool call"', "call the tool"),
        ("gpt-4o", "gpt-3 and then 4o"),
        ("answers -stale", "answers were stale"),
        ("answers -stale", "answers were the stalest, that is stale"),
        ("slow ans", "slow for an hour"),  # the stem of half a word is another word
        ("re", "retries"),  # two letters are no beginning
        ("slow or fast index", "very fast"),
        ("timeout", "<b>time</b>out"),
    ],
)
def test_what_is_not_found(query: str, text: str) -> None:
    assert not holds(text, query)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("", ""),
        ("   ", ""),
        ("x", "at least two"),
        ("…!?", "letters and digits"),
        ("or", "letters and digits"),
        ('""', "letters and digits"),
        ("-stale", "what to look for"),
        ("-stale -slow", "what to look for"),
    ],
)
def test_nothing_to_look_for(query: str, hint: str) -> None:
    asked = asking.read(query)
    assert asked.expression == ""
    assert hint in asked.hint


@pytest.mark.parametrize(
    "query", ["a' | b", "foo & bar", "x:*", "!(", ":::", "\\", "'", "'' ''", "<->", "a\x1eb\x1fc", "€", "日本語 検索"]
)
def test_operators_are_only_text(query: str) -> None:
    asked = asking.read(query)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsquery IS NOT NULL", [asked.expression])
        assert cursor.fetchone() == (True,)


def test_much_is_cut_and_said() -> None:
    assert "only the first 12 words" in asking.read(" ".join(f"word{n}" for n in range(20))).hint
    assert "only the first 12 words" in asking.read("long " * 60).hint
    assert len(asking.read("x" * 5000).text) == asking.LONGEST


def test_one_query_to_the_database(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        asking.read('three "words in a row" -without or')
    with django_assert_num_queries(0):
        asking.read("  ")


def test_the_marks_of_excerpts_are_those_of_the_database() -> None:
    """Each mark inside words becomes one control character, which comes back; a text's own go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seamline_plain(%s)", [excerpts.MARKS])
        assert cursor.fetchone() == (excerpts.STANDING_FOR,)
        cursor.execute("SELECT seamline_plain(%s)", [f"a{excerpts.STANDING_FOR}\x1e\x1fb"])
        assert cursor.fetchone() == ("ab",)


def test_a_text_of_any_length_can_be_saved() -> None:
    """A tsvector holds a megabyte; only the first 50,000 characters become words."""
    many = " ".join(f"{n:x}ü" for n in range(400_000))
    wide = " ".join(chr(0x20000 + n) * 2 for n in range(40_000))
    with connection.cursor() as cursor:
        for text in (many, wide, "x" * 3_000_000, "word " * 400_000):
            cursor.execute("SELECT seamline_words(%s) IS NOT NULL", [text])
            assert cursor.fetchone() == (True,)
