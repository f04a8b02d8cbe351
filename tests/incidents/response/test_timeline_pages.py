"""Writing on a timeline in the browser: as its author, a teammate, a viewer and a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.response import lifecycle, noting, pinning
from incidents.response.models import Incident, TimelineRow
from incidents.response.noting import When
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.response.files import upload

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "timeline", "HX-Current-URL": "http://testserver/incidents/1/"}
HOUR = timedelta(hours=1)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor", email="maya@example.org")


@pytest.fixture
def author(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def teammate() -> Client:
    return signed_in(make.person("Jonas Lind", email="jonas@example.org"))


@pytest.fixture
def admin() -> Client:
    return signed_in(make.person("Ada Admin", role="admin"))


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers")


@pytest.fixture
def row(incident: Incident, maya: Person) -> TimelineRow:
    return noting.note(incident, text="The model is *slow*.", by=maya, now=NOON)


def url(incident: Incident, tail: str = "") -> str:
    return f"/incidents/{incident.pk}/{tail}"


def of(row: TimelineRow, act: str = "") -> str:
    return url(row.incident, f"timeline/{row.first_id}/" + (f"{act}/" if act else ""))


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# ---- who may ----


def posts(row: TimelineRow) -> dict[str, dict[str, object]]:
    return {
        url(row.incident, "fact/"): {"text": "x", "at": "2026-11-20T10:00", "precision": "minute"},
        url(row.incident, "note/"): {"text": "x"},
        of(row, "edit"): {"text": "x", "seen": 1},
        of(row, "take-back"): {"why": "x", "seen": 1},
        of(row, "pin"): {},
        of(row, "unpin"): {},
    }


def test_a_viewer_reads_and_writes_nothing(row: TimelineRow) -> None:
    viewer = signed_in(make.person(role="viewer"))
    rows = TimelineRow.objects.count()
    assert "The model is" in shown(viewer, url(row.incident))
    assert "The model is" in shown(viewer, of(row))
    for address, said in posts(row).items():
        assert viewer.post(address, said).status_code == 403, address
    assert viewer.get("/incidents/names/?begins=m").status_code == 403
    assert TimelineRow.objects.count() == rows
    assert "Add note" not in shown(viewer, url(row.incident))


def test_a_stranger_is_sent_to_sign_in(row: TimelineRow) -> None:
    for address, said in posts(row).items():
        answer = Client().post(address, said)
        assert answer["Location"].startswith("/accounts/login/"), address


def test_a_teammate_writes_and_pins_but_does_not_change_what_others_wrote(teammate: Client, row: TimelineRow) -> None:
    assert of(row, "edit") not in shown(teammate, url(row.incident))
    for act in ("edit", "take-back"):
        assert teammate.get(of(row, act)).status_code == 403
        assert teammate.post(of(row, act), {"text": "x", "why": "x", "seen": 1}).status_code == 403
    assert teammate.post(of(row, "pin")).status_code == 302
    assert teammate.post(url(row.incident, "note/"), {"text": "mine"}).status_code == 302
    assert TimelineRow.objects.filter(revises=row).count() == 0


@pytest.mark.parametrize("who", ["author", "admin"])
def test_author_and_admin_change_it(request: pytest.FixtureRequest, row: TimelineRow, who: str) -> None:
    client: Client = request.getfixturevalue(who)
    assert of(row, "edit") in shown(client, url(row.incident))
    answer = client.post(of(row, "edit"), {"text": "The index is slow.", "seen": 1})
    assert answer["Location"] == url(row.incident, f"#row-{row.pk}")
    page = shown(client, url(row.incident))
    assert "The index is slow." in page
    assert "The model is" not in page
    assert "edited</a> by" in page


def test_what_an_act_wrote_is_nobodys_to_change(admin: Client, maya: Person, incident: Incident) -> None:
    declared = TimelineRow.objects.get(incident=incident, kind="declared")
    lifecycle.acknowledge(incident, by=maya, now=NOON)
    taken = TimelineRow.objects.get(incident=incident, kind="acknowledged")
    for one in (declared, taken):
        assert admin.get(of(one, "edit")).status_code == 403
        assert admin.post(of(one, "take-back"), {"why": "x", "seen": 1}).status_code == 403


def test_a_row_of_another_incident_is_not_there(author: Client, row: TimelineRow) -> None:
    other = make.incident()
    for act in ("", "edit/", "take-back/"):
        assert author.get(url(other, f"timeline/{row.pk}/{act}")).status_code == 404
    assert author.post(url(other, f"timeline/{row.pk}/pin/")).status_code == 404
    assert author.get(url(other, f"timeline/{10**12}/")).status_code == 404


# ---- editing ----


def test_who_was_slower_keeps_their_text_and_sees_the_others(author: Client, row: TimelineRow, maya: Person) -> None:
    author.post(of(row, "edit"), {"text": "first to save", "seen": 1})
    late = author.post(of(row, "edit"), {"text": "saved too late", "seen": 1})
    words = late.content.decode()
    assert late.status_code == 409
    assert "first to save" in words
    assert "saved too late" in words
    assert 'name="seen" value="2"' in words
    assert author.post(of(row, "edit"), {"text": "saved too late", "seen": 2}).status_code == 302
    assert "saved too late" in shown(author, url(row.incident))
    versions = shown(author, of(row))
    assert "3 versions" in versions
    assert "<ins>" in versions
    assert "<del>" in versions


def test_an_empty_edit_is_refused_with_a_way_out(author: Client, row: TimelineRow) -> None:
    answer = author.post(of(row, "edit"), {"text": " ", "seen": 1})
    assert answer.status_code == 422
    assert "take it back" in answer.content.decode()


def test_taken_back_is_seen_by_all_and_read_by_few(
    author: Client, teammate: Client, admin: Client, row: TimelineRow
) -> None:
    assert author.post(of(row, "take-back"), {"why": "", "seen": 1}).status_code == 422
    assert author.post(of(row, "take-back"), {"why": "a key stood in it", "seen": 1}).status_code == 302
    for client in (author, teammate, admin):
        page = shown(client, url(row.incident))
        assert "took back what they wrote: a key stood in it" in page
        assert "The model is" not in page
    assert "The model is" in shown(author, of(row))
    assert "The model is" in shown(admin, of(row))
    assert "The model is" not in shown(teammate, of(row))
    assert author.get(of(row, "edit")).status_code == 403


def test_a_fact_is_recorded_changed_and_stands_at_its_own_time(author: Client, incident: Incident) -> None:
    author.cookies["tz"] = "Europe/Berlin"
    said = {
        "text": "Provider brown-out began",
        "at": "2026-11-19T10:30",
        "precision": "hour",
        "source_url": "https://status.example.org/1",
    }
    answer = author.post(url(incident, "fact/"), said)
    made = TimelineRow.objects.get(kind="fact")
    assert answer["Location"] == url(incident, f"#row-{made.pk}")
    assert made.at.isoformat() == "2026-11-19T09:30:00+00:00"
    page = shown(author, url(incident))
    assert 'href="https://status.example.org/1" rel="noopener noreferrer nofollow"' in page
    assert page.index("Thu 19 Nov") < page.index("Provider brown-out") < page.index("Declared")
    assert "recorded" in page
    form = shown(author, of(made, "edit"))
    assert "2026-11-19T10:30" in form
    author.post(of(made, "edit"), {**said, "precision": "day", "source_url": "", "seen": 1})
    assert "that day" in shown(author, url(incident))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": ""}, "Say what happened."),
        ({"at": ""}, "Say when it happened"),
        ({"at": "2099-01-01T00:00"}, "lies in the future"),
        ({"precision": "unknown"}, "Select a valid choice"),
        ({"source_url": "javascript:alert(1)"}, "Give a whole web address"),
    ],
)
def test_what_cannot_be_a_fact_is_said_with_the_text_kept(
    author: Client, incident: Incident, wrong: dict[str, str], says: str
) -> None:
    said = {"text": "kept words", "at": "2026-11-19T10:30", "precision": "hour", "source_url": "", **wrong}
    answer = author.post(url(incident, "fact/"), said)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert wrong.get("text", "kept words") in answer.content.decode()
    assert not TimelineRow.objects.filter(kind="fact").exists()


# ---- the page ----


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_pinned_rows_stand_above(author: Client, row: TimelineRow, headers: dict[str, str]) -> None:
    answer = author.post(of(row, "pin"), headers=headers)
    page = answer.content.decode() if headers else shown(author, url(row.incident))
    assert "<h3>Pinned</h3>" in page
    assert page.count("The model is") == 2
    answer = author.post(of(row, "unpin"), headers=headers)
    page = answer.content.decode() if headers else shown(author, url(row.incident))
    assert "<h3>Pinned</h3>" not in page


def test_the_eleventh_pin_is_refused(author: Client, incident: Incident, maya: Person) -> None:
    rows = [noting.note(incident, text=str(n), by=maya, now=NOON) for n in range(11)]
    for one in rows[:10]:
        pinning.pin(one, by=maya, now=NOON)
    assert author.post(of(rows[10], "pin")).status_code == 409


def test_the_page_shows_all_or_one_kind(author: Client, row: TimelineRow, maya: Person) -> None:
    incident = row.incident
    TimelineRow.objects.create(incident=incident, kind="alert_firing", at=NOON, text="BudgetBurn")
    noting.fact(incident, text="A fact", when=When(NOON - HOUR), by=maya, now=NOON)
    seen = {
        kind: [word for word in ("BudgetBurn", "The model is", "A fact", "Declared") if word in shown(author, page)]
        for kind in ("all", "people", "alerts", "changes", "nonsense")
        if (page := f"{url(incident)}?show={kind}")
    }
    every = ["BudgetBurn", "The model is", "A fact", "Declared"]
    assert seen == {
        "all": every,
        "people": ["The model is", "A fact"],
        "alerts": ["BudgetBurn"],
        "changes": ["Declared"],
        "nonsense": every,
    }


def test_paging_back_keeps_the_filter_and_survives_an_edit(author: Client, incident: Incident, maya: Person) -> None:
    rows = [
        TimelineRow(incident=incident, kind="note", at=NOON + timedelta(minutes=n), by=maya, text=f"note {n:03}")
        for n in range(250)
    ]
    TimelineRow.objects.bulk_create(rows)
    page = author.get(url(incident), {"show": "people"})
    seen, before = [], page.context["story"].earlier
    noting.revise(TimelineRow.objects.get(pk=before), seen=1, text="edited since", by=maya, now=NOON + 9 * HOUR)
    while before:
        page = author.get(url(incident), {"show": "people", "before": before})
        seen += [one.row.text for one in page.context["story"].rows]
        before = page.context["story"].earlier
    assert sorted(seen) == [f"note {n:03}" for n in range(150)]
    assert "show=people" in page.content.decode()
    assert author.get(url(incident), {"before": "9" * 40}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_files_names_and_pins_cost_the_same_for_one_and_three(
    author: Client, incident: Incident, maya: Person, count: int
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as done:
            author.get(url(incident))
        return len(done)

    queries()
    bare, team = queries(), make.team("Answers team", maya)
    for n in range(count):
        one = noting.note(incident, text=f"@maya @{team.slug} {n}", files=[upload()], by=maya, now=NOON)
        noting.revise(one, seen=1, text=f"@maya @{team.slug} again {n}", by=maya, now=NOON)
        pinning.pin(one, by=maya, now=NOON)
    assert queries() == bare + 4  # what is pinned, the files, the people and the teams that are named


def test_names_are_marks_and_incidents_and_addresses_are_links(author: Client, incident: Incident) -> None:
    author.post(url(incident, "note/"), {"text": f"@maya see INC-{incident.pk} and https://a.example/x."})
    page = shown(author, url(incident))
    assert "<mark>@Maya Okafor</mark>" in page
    assert f'<a href="{url(incident)}" rel="noopener nofollow">INC-{incident.pk}</a>' in page
    assert '<a href="https://a.example/x" rel="noopener nofollow">https://a.example/x</a>.' in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_name_that_nobody_has_is_said(author: Client, incident: Incident, headers: dict[str, str]) -> None:
    answer = author.post(url(incident, "note/"), {"text": "@nobdy look"}, headers=headers)
    page = answer.content.decode() if headers else shown(author, url(incident))
    assert "Nobody here is called @nobdy" in page


def test_names_are_suggested_by_how_they_begin(author: Client) -> None:
    make.team("Maintainers")
    make.person("Max Gone", is_active=False)
    make.person("Zoe", email="maximal@example.org")

    def found(begins: str) -> list[str]:
        names = author.get("/incidents/names/", {"begins": begins}).json()["names"]
        return [one["handle"] for one in names]

    assert found("ma") == ["maintainers", "maya@example.org", "maximal@example.org"]
    assert found("MAYA O") == ["maya@example.org"]
    assert found("%") == []
    assert found("") == []
    assert found("ma\x00") == found("ma")
