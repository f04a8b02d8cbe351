"""Notes and facts, their versions and who is named in them; what the database holds of it by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.response import noting, timeline
from incidents.response.models import Incident, TimelineRow
from incidents.response.noting import Changed, When
from incidents.response.queries import told
from ownership.models import Notice, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.response.files import upload
from web.errors import ConstraintBroken, Invalid, translated

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers")


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor", email="maya@example.org")


def texts(incident: Incident) -> list[str]:
    """What holds of what people wrote, in the order it happened."""
    rows = told.current(TimelineRow.objects.filter(incident=incident, kind__in=["note", "fact"]))
    return list(rows.order_by("at", "pk").values_list("text", flat=True))


# ---- versions ----


def test_an_edit_is_a_row_of_its_own_and_the_first_one_stays(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text=" seen in traces ", by=maya, now=NOON)
    new = noting.revise(row, seen=1, text="seen in two traces", by=maya, now=NOON + HOUR)
    assert texts(incident) == ["seen in two traces"]
    assert (new.first_id, new.version, new.at, new.author) == (row.pk, 2, row.at, maya)
    assert [one.text for one in told.versions(row.pk)] == ["seen in traces", "seen in two traces"]
    row.refresh_from_db()
    assert (row.text, row.version) == ("seen in traces", 1)


def test_the_third_version_follows_the_second_whichever_row_is_given(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    second = noting.revise(row, seen=1, text="two", by=maya, now=NOON)
    noting.revise(second, seen=2, text="three", by=maya, now=NOON)
    assert texts(incident) == ["three"]
    with pytest.raises(Changed):
        noting.revise(row, seen=2, text="late", by=maya, now=NOON)
    assert texts(incident) == ["three"]


def test_saying_the_same_again_is_no_version(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    assert noting.revise(row, seen=1, text="one ", by=maya, now=NOON + HOUR).pk == row.pk


def test_taken_back_no_longer_counts_and_can_not_be_changed(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="a key: 123", by=maya, now=NOON)
    gone = noting.take_back(row, seen=1, why="a key stood in it", by=maya, now=NOON + HOUR)
    assert (gone.kind, gone.text, gone.why, gone.at) == ("taken_back", "", "a key stood in it", row.at)
    assert texts(incident) == []
    assert gone in told.latest()
    assert gone not in told.current()
    with pytest.raises(Changed):
        noting.revise(row, seen=2, text="again", by=maya, now=NOON)
    with pytest.raises(Changed):
        noting.take_back(row, seen=2, why="again", by=maya, now=NOON)


@pytest.mark.parametrize("why", ["", "  ", "x" * 301])
def test_taking_back_needs_a_reason(incident: Incident, maya: Person, why: str) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    with pytest.raises(Invalid):
        noting.take_back(row, seen=1, why=why, by=maya, now=NOON)
    assert texts(incident) == ["one"]


def test_two_edits_of_one_version_cannot_both_hold(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    noting.revise(row, seen=1, text="two", by=maya, now=NOON)
    with pytest.raises(ConstraintBroken) as refused, translated():
        TimelineRow.objects.create(incident=incident, kind="note", at=NOON, text="also two", revises=row, version=2)
    assert refused.value.code == "row_changed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 3},
        {"version": 1},
        {"kind": "fact"},
        {"kind": "resolved"},
        {"elsewhere": True},
        {"declared": True},
        {"chained": True},
    ],
)
def test_the_database_takes_no_version_that_does_not_fit(
    incident: Incident, maya: Person, wrong: dict[str, object]
) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    said: dict[str, object] = {"incident": incident, "kind": "note", "at": NOON, "revises": row, "version": 2}
    if wrong.pop("elsewhere", False):
        said["incident"] = make.incident()
    if wrong.pop("declared", False):
        said |= {"revises": TimelineRow.objects.get(incident=incident, kind="declared"), "kind": "declared"}
    if wrong.pop("chained", False):
        said |= {"revises": noting.revise(row, seen=1, text="two", by=maya, now=NOON), "version": 3}
    with pytest.raises(IntegrityError), transaction.atomic():
        TimelineRow.objects.create(**(said | wrong))


def test_sql_written_by_hand_asks_the_same(incident: Incident, maya: Person) -> None:
    kept = noting.note(incident, text="kept", by=maya, now=NOON)
    edited = noting.note(incident, text="old", by=maya, now=NOON)
    noting.revise(edited, seen=1, text="new", by=maya, now=NOON)
    noting.take_back(noting.note(incident, text="no", by=maya, now=NOON), seen=1, why="x", by=maya, now=NOON)
    rows = TimelineRow.objects.raw(f"SELECT row.* FROM incidents_timelinerow AS row WHERE {told.CURRENT} ORDER BY 1")
    assert [row.pk for row in rows] == list(told.current().order_by("pk").values_list("pk", flat=True))
    assert kept in list(rows)


# ---- facts ----


def test_a_fact_has_a_time_and_a_source_of_its_own(incident: Incident, maya: Person) -> None:
    when = When(NOON - HOUR, "hour", " https://status.example.org/p?q=1#x ")
    row = noting.fact(incident, text="Provider said it was slow", when=when, by=maya, now=NOON)
    assert (row.kind, row.at, row.recorded_at) == ("fact", NOON - HOUR, NOON)
    assert (row.data["precision"], row.data["source_url"]) == ("hour", "https://status.example.org/p?q=1#x")
    later = noting.revise(row, seen=1, text=row.text, when=When(NOON - 2 * HOUR, "day"), by=maya, now=NOON)
    assert (later.at, later.data["precision"], later.data["source_url"]) == (NOON - 2 * HOUR, "day", "")
    kept = noting.revise(later, seen=2, text="other words", by=maya, now=NOON)
    assert (kept.at, kept.data["precision"]) == (NOON - 2 * HOUR, "day")


@pytest.mark.parametrize(
    "when",
    [
        When(NOON + MINUTE),
        When(NOON.replace(year=1999)),
        When(NOON, "about"),
        When(NOON, "minute", "javascript:alert(1)"),
        When(NOON, "minute", "//example.org"),
        When(NOON, "minute", "https://"),
        When(NOON, "minute", "https://a b.example"),
        When(NOON, "minute", "https://bank.example@evil.example/"),
        When(NOON, "minute", "https://[::1"),
        When(NOON, "minute", "https://a.example/\u202egpj"),
        When(NOON, "minute", "https://a.example/" + "x" * 2000),
    ],
)
def test_what_cannot_be_a_fact_is_refused(incident: Incident, maya: Person, when: When) -> None:
    with pytest.raises(Invalid):
        noting.fact(incident, text="x", when=when, by=maya, now=NOON)
    assert texts(incident) == []


@pytest.mark.parametrize("text", ["", " \n", "x" * 20_001])
def test_words_are_needed_and_not_too_many(incident: Incident, maya: Person, text: str) -> None:
    with pytest.raises(Invalid):
        noting.note(incident, text=text, by=maya, now=NOON)
    row = noting.note(incident, text="one", by=maya, now=NOON)
    with pytest.raises(Invalid):
        noting.revise(row, seen=1, text=text, by=maya, now=NOON)
    with pytest.raises(Invalid):
        noting.fact(incident, text=text, when=When(NOON), by=maya, now=NOON)


def test_a_picture_needs_no_words_and_a_fact_does(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    assert noting.revise(row, seen=1, text="", by=maya, now=NOON).pk == row.pk
    with pytest.raises(Invalid):
        noting.fact(incident, text="", when=When(NOON), files=[upload()], by=maya, now=NOON)


# ---- who is named ----


def told_of(incident: Incident) -> list[str]:
    return sorted(Notice.objects.filter(kind="mentioned").values_list("person__name", flat=True))


def test_who_is_named_is_told_once(incident: Incident, maya: Person) -> None:
    jonas = make.person("Jonas Lind", email="Jonas@Example.org")
    priya = make.person("Priya Nair", email="priya@other.example")
    make.team("Answers team", priya, maya)
    text = "@jonas and @JONAS@example.org, @answers-team, @priya@other.example: look"
    row = noting.note(incident, text=text, by=maya, now=NOON)
    assert told_of(incident) == ["Jonas Lind", "Priya Nair"]
    notice = Notice.objects.get(person=jonas)
    assert notice.text == f"Maya Okafor named you in {incident}"
    assert notice.path == f"/incidents/{incident.pk}/#row-{row.pk}"
    tomas = make.person("Tomás Brandt", email="tomas@example.org")
    noting.revise(row, seen=1, text=f"{text} @tomas", by=maya, now=NOON + HOUR)
    assert told_of(incident) == ["Jonas Lind", "Priya Nair", "Tomás Brandt"]
    assert row.data["mentions"]["jonas"] == ["person", jonas.pk]
    assert Notice.objects.get(person=tomas).path == notice.path


def test_nobody_is_named_who_is_not_here(incident: Incident, maya: Person) -> None:
    make.person("Lee", email="lee@example.org", is_active=False)
    make.person("Else", email="else@other.example")
    row = noting.note(incident, text="@lee @else @nobody @maya", by=maya, now=NOON)
    assert row.data["mentions"] == {"maya": ["person", maya.pk]}
    assert told_of(incident) == []


def test_a_list_of_everybody_is_no_call_for_somebody(incident: Incident, maya: Person) -> None:
    with pytest.raises(Invalid, match="name at most 20"):
        noting.note(incident, text=" ".join(f"@p{n}" for n in range(21)), by=maya, now=NOON)


def test_rows_written_by_others_do_not_know_of_versions(incident: Incident) -> None:
    row = timeline.add(incident, "declared", at=NOON, now=NOON)
    row.refresh_from_db()
    assert (row.version, row.revises, row.first_id) == (1, None, row.pk)
