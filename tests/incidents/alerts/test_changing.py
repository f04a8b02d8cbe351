"""Changes: recorded, corrected, withdrawn, sent by hooks and programs; what fits no component is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.alerts import changing, sourcing
from incidents.alerts.change_models import Change
from incidents.alerts.changing import ChangeChanged, Said, Withdrawn
from incidents.alerts.models import Alert, Delivery
from incidents.alerts.queries import changes as queries
from ownership.models import Alias
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_api import client
from tests.incidents.alerts.test_enqueue import post
from web.errors import Invalid

pytestmark = pytest.mark.django_db
CHANGES = "/api/v1/changes/"


def test_a_change_of_last_week_stands_at_its_own_time() -> None:
    prompt = make.component("Answer prompt")
    week = NOON - timedelta(days=7)
    change = am.change("Prompt of answers", of=prompt, kind="prompt", at=week, before="v41", after="v42", who="Maya")
    assert (change.at, change.known_from, change.component, change.values) == (week, NOON, prompt, "v41 → v42")
    assert [entry.change for entry in queries.page(queries.Filter(component=prompt), now=NOON).rows] == [change]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"at": NOON + timedelta(hours=1)}, "at"),
        ({"at": NOON - timedelta(days=365 * 40)}, "at"),
        ({"title": "  "}, "title"),
        ({"kind": "weather"}, "kind"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        changing.record(Said(**{"title": "Deploy", "at": NOON, **said}), by=make.person(), now=NOON)
    assert refused.value.field == field


def test_a_correction_supersedes_and_the_first_version_stays() -> None:
    first, other = make.component(), make.component()
    change = am.change("Deploy", of=first)
    maya = make.person("Maya")
    corrected = changing.correct(change, changing.with_(change, component=other), by=maya, now=am.minutes(5))
    assert (corrected.line, corrected.component, corrected.recorded_by) == (change.line, other, maya)
    assert [one.component for one in queries.versions(change.line)] == [other, first]
    assert [entry.change for entry in queries.page(queries.Filter(), now=NOON).rows if entry.change] == [corrected]
    with pytest.raises(ChangeChanged):
        changing.correct(change, changing.with_(change, title="Late"), by=maya, now=am.minutes(6))


def test_nothing_changed_is_nothing_done() -> None:
    change = am.change("Deploy")
    assert changing.correct(change, changing.with_(change), by=make.person(), now=NOON) is change
    assert Change.objects.count() == 1


def test_what_was_withdrawn_leaves_the_lists_and_stays_on_record() -> None:
    change = am.change("Deploy")
    with pytest.raises(Invalid):
        changing.withdraw(change, why=" ", by=make.person(), now=NOON)
    gone = changing.withdraw(change, why="rolled back before it began", by=make.person(), now=NOON)
    assert queries.page(queries.Filter(), now=NOON).rows == []
    assert [one.withdrawn_why for one in queries.versions(change.line)] == ["rolled back before it began", ""]
    with pytest.raises(Withdrawn):
        changing.correct(gone, changing.with_(gone, title="x"), by=make.person(), now=NOON)


def test_the_database_keeps_what_was_said() -> None:
    change = am.change("Deploy")
    for spoil in (lambda rows: rows.update(title="Another"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
            spoil(Change.objects.filter(pk=change.pk))


def test_a_name_and_an_alias_find_the_component() -> None:
    index = make.component("Retriever")
    Alias.objects.create(component=index, system="job", key="build-index")
    program = client("responder", "ingest")
    by_name = program.post(CHANGES, {"title": "Index v12", "component": "retriever"}, format="json")
    by_alias = program.post(CHANGES, {"title": "Index v13", "labels": {"job": "build-index"}}, format="json")
    by_id = program.post(CHANGES, {"title": "Index v14", "component": index.pk}, format="json")
    assert [one.status_code for one in (by_name, by_alias, by_id)] == [201, 201, 201]
    assert {one.data["component"]["name"] for one in (by_name, by_alias, by_id)} == {"Retriever"}
    assert "alias" in by_alias.data["why"]


def test_what_fits_nothing_is_kept_and_listed_as_unplaced() -> None:
    answer = client("responder").post(CHANGES, {"title": "New model", "component": "nobody-knows-it"}, format="json")
    assert (answer.status_code, answer.data["component"], answer.data["named"]) == (201, None, "nobody-knows-it")
    found = client("viewer", "read").get(f"{CHANGES}?unplaced=true").data["results"]
    assert [one["title"] for one in found] == ["New model"]
    assert [
        entry.change.title for entry in queries.page(queries.Filter(unplaced=True), now=NOON).rows if entry.change
    ] == ["New model"]


def test_a_program_that_sends_twice_records_once() -> None:
    program = client("responder", "ingest")
    said = {"title": "Deploy 812", "kind": "deploy", "external_key": "ci/812"}
    first, second = (program.post(CHANGES, said, format="json") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.data["id"] == second.data["id"]
    assert Change.objects.count() == 1


def test_sent_again_after_a_correction_it_stays_corrected() -> None:
    program, editor = client("responder", "ingest"), client("editor")
    said = {"title": "Deploy 812", "external_key": "ci/812"}
    number = program.post(CHANGES, said, format="json").data["id"]
    assert editor.patch(f"{CHANGES}{number}/", {"title": "Deploy 813"}, format="json").data["title"] == "Deploy 813"
    assert program.post(CHANGES, said, format="json").data["title"] == "Deploy 813"
    assert editor.post(f"{CHANGES}{number}/withdraw/", {"why": "a rehearsal"}, format="json").status_code == 200
    assert program.post(CHANGES, said, format="json").data["withdrawn_why"] == "a rehearsal"
    assert editor.get(CHANGES).data["results"] == []
    assert editor.get(f"{CHANGES}{number}/").data["withdrawn_why"] == "a rehearsal"


def test_who_may_do_what_over_the_api() -> None:
    change = am.change("Deploy")
    path = f"{CHANGES}{change.line}/"
    assert client("viewer").post(CHANGES, {"title": "x"}, format="json").status_code == 403
    assert client("viewer", "ingest").post(CHANGES, {"title": "x"}, format="json").status_code == 403
    assert client("responder", "read").post(CHANGES, {"title": "x"}, format="json").status_code == 403
    assert client("viewer").patch(path, {"title": "x"}, format="json").status_code == 403
    assert client("viewer").post(f"{path}withdraw/", {"why": "x"}, format="json").status_code == 403
    program = client("responder", "ingest")
    assert program.get(CHANGES).status_code == 403
    assert program.patch(path, {"title": "x"}, format="json").status_code == 403
    assert client("viewer", "read").get(path).status_code == 200
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "title"),
        ({"title": "x", "kind": "weather"}, "kind"),
        ({"title": "x", "at": "yesterday"}, "at"),
        ({"title": "x", "component": 10**12}, "component"),
        ({"title": "x", "service": "none-such"}, "service"),
        ({"title": "x", "link": "ftp//no"}, "link"),
        ({"title": "a\0b"}, "title"),
    ],
)
def test_a_program_is_told_what_is_wrong(said: dict[str, Any], field: str) -> None:
    answer = client("responder").post(CHANGES, said, format="json")
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert not Change.objects.exists()


def test_changes_are_found_by_service_kind_and_time() -> None:
    answers = make.service("Answers")
    index = make.component("Index", of=answers)
    am.change("Part", of=index, kind="index")
    am.change("Whole", of=answers, kind="config")
    am.change("Old", of=index, at=NOON - timedelta(days=40))
    am.change("Elsewhere", of=make.component())
    reader = client("viewer", "read")

    def titles(query: str) -> list[str]:
        return [one["title"] for one in reader.get(f"{CHANGES}?{query}").data["results"]]

    assert sorted(titles("service=answers")) == ["Old", "Part", "Whole"]
    assert titles("kind=index") == ["Part"]
    assert "Old" not in titles("at_after=2026-11-01T00:00:00Z")
    assert titles(f"component={index.pk}") == ["Part", "Old"]


@pytest.fixture
def key() -> str:
    return sourcing.add(kind="pagerduty", name="CI", by=None, now=NOON)[1]


def event(key: str, **said: Any) -> dict[str, Any]:
    payload = {
        "summary": "Deployed prompt 42",
        "timestamp": "2026-11-20T11:20:00Z",
        "source": "ci",
        "custom_details": {"component": "Answer prompt", "kind": "prompt", "before": "v41", "after": "v42"},
        **said,
    }
    return {"routing_key": key, "payload": payload, "links": [{"href": "https://ci.example.org/42", "text": "Build"}]}


def test_a_change_event_is_answered_202_and_becomes_a_change(key: str) -> None:
    prompt = make.component("Answer prompt")
    with CaptureQueriesContext(connection) as captured:
        answer = post(event(key), "/v2/change/enqueue")
    assert (answer.status_code, answer.json()) == (202, {"status": "success", "message": "Event processed"})
    assert len(captured) == 1  # the raw bytes, and nothing else
    am.drain()
    change = Change.objects.get()
    assert (change.title, change.kind, change.component, change.at) == (
        *("Deployed prompt 42", "prompt", prompt),
        am.utc("2026-11-20 11:20"),
    )
    assert (change.before, change.after, change.link, change.via) == ("v41", "v42", "https://ci.example.org/42", "hook")
    assert change.delivery == Delivery.objects.get(state="digested")
    assert not Alert.objects.exists()


def test_the_same_change_event_twice_is_one_change(key: str) -> None:
    for _ in range(2):
        assert post(event(key), "/v2/change/enqueue").status_code == 202
        am.drain()
    assert Delivery.objects.filter(state="digested").count() == 2
    assert Change.objects.count() == 1


def test_two_sources_may_send_the_same_key(key: str) -> None:
    _, other = sourcing.add(kind="pagerduty", name="Other CI", by=None, now=NOON)
    for one in (key, other):
        post(event(one, custom_details={"external_key": "812"}), "/v2/change/enqueue")
    am.drain()
    assert Change.objects.count() == 2


def test_a_change_event_of_something_unknown_is_kept_unplaced(key: str) -> None:
    post(event(key, custom_details={"service": "none-such"}), "/v2/change/enqueue")
    am.drain()
    assert [one.named for one in Change.objects.filter(component=None, service=None)] == ["none-such"]


def test_a_key_that_a_client_repeats_is_not_read(key: str) -> None:
    post(event(key, custom_details={"description": f"sent with {key}", "after": key}), "/v2/change/enqueue")
    am.drain()
    assert key not in json.dumps(list(Change.objects.values("description", "after", "labels", "external_key")))


def test_a_time_from_next_week_is_not_believed(key: str) -> None:
    post(event(key, timestamp="2099-01-01T00:00:00Z"), "/v2/change/enqueue")
    am.drain()
    assert Change.objects.get().at == Delivery.objects.get().received_at


def test_changes_of_owners_stand_between_the_recorded_ones() -> None:
    answers = make.service("Answers", owner=make.person("Priya Nair"))
    am.change("Deploy", of=answers)
    shown = queries.page(queries.Filter(service=answers), now=NOON).rows
    assert [entry.change.title if entry.change else entry.turn and entry.turn.title for entry in shown] == [
        "Deploy",
        "Priya Nair answers for Answers",
    ]
    assert [
        entry.turn and entry.turn.values for entry in queries.page(queries.Filter(kind="owner"), now=NOON).rows
    ] == ["nobody → Priya Nair"]


def test_pages_of_the_list_miss_and_repeat_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SIZE", 2)
    since = NOON - timedelta(hours=2)
    for _ in range(3):
        make.assignment(make.service(), make.person(), since=since)
        am.change(at=since)
    seen, after = [], None
    while True:
        page = queries.page(queries.Filter(after=after), now=NOON)
        seen += [entry.key for entry in page.rows]
        after = page.following
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)
