"""A mapping stored on a source: what it reads, its versions, its page, and the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import digest, intake, remapping, sourcing
from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.models import Alert, Delivery, Source
from incidents.alerts.queries import mapping_trials
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_pages import queries, signed_in, went_to

pytestmark = pytest.mark.django_db

OURS = """
[fields]
title = "what"
key = "id"
state = "s"
[states]
firing = ["up"]
"""
BODY = {"what": "Too slow", "id": "7", "s": "up"}
HTMX = {"HX-Request": "true", "HX-Target": "result"}


@pytest.fixture
def editor() -> Person:
    return make.person("Priya Nair", role="editor")


@pytest.fixture
def page(editor: Person) -> Client:
    return signed_in(editor)


@pytest.fixture
def source() -> Source:
    return sourcing.add(kind="custom", name="Checks", by=None, now=NOON)[0]


def deliver(to: Source, body: Any = BODY) -> Delivery:
    return am.deliver(to, raw=json.dumps(body).encode())


def put(source: Source, text: str, by: Person, over: int | None = None) -> SourceMapping:
    return remapping.supersede(source, text=text, over=over, by=by, now=timezone.now())


# ---- what it reads ----


def test_a_delivery_is_read_by_the_mapping_in_use_when_it_is_digested(source: Source, editor: Person) -> None:
    first = deliver(source)
    put(source, OURS, editor)
    am.drain()
    first.refresh_from_db()
    assert (first.state, first.mapping_version) == ("digested", 1)
    assert Alert.objects.get().title == "Too slow"
    put(source, OURS.replace('"what"', "\"join(' ', ['Now', what])\""), editor)
    second = deliver(source, {**BODY, "id": "8"})
    am.drain()
    second.refresh_from_db()
    assert second.mapping_version == 2
    assert Alert.objects.get(problem_key="8").title == "Now Too slow"


def test_without_one_the_plain_form_holds_and_nothing_tells_a_version(source: Source) -> None:
    delivery = deliver(source, {"title": "Slow", "state": "firing"})
    am.drain()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.mapping_version) == ("digested", None)


def test_one_batch_reads_each_source_by_its_own(source: Source, editor: Person) -> None:
    other = sourcing.add(kind="custom", name="Others", by=None, now=NOON)[0]
    put(source, OURS, editor)
    put(other, OURS.replace('"what"', '"id"'), editor)
    for one in (source, other):
        deliver(one)
    assert digest.batch(now=NOON) == 2
    assert set(Alert.objects.values_list("source__name", "title")) == {("Checks", "Too slow"), ("Others", "7")}


def test_the_test_button_does_not_depend_on_the_mapping(source: Source, editor: Person) -> None:
    """Its message is in the plain form, which a mapping of one's own need not read."""
    put(source, OURS, editor)
    intake.send_test(source, by=editor, now=timezone.now())
    am.drain(timezone.now())
    assert set(Delivery.objects.values_list("state", "mapping_version")) == {("digested", None)}
    assert Alert.objects.get().is_test


# ---- versions ----


def test_versions_are_superseded_and_stay(source: Source, editor: Person) -> None:
    put(source, OURS, editor)
    put(source, OURS, editor)  # the same twice is once
    put(source, OURS + "\n# second", editor)
    remapping.drop(source, by=editor, now=timezone.now())
    remapping.drop(source, by=editor, now=timezone.now())
    assert remapping.current_of([source.pk]) == {}
    third = put(source, OURS, editor)
    rows = SourceMapping.objects.order_by("version").values_list("version", "superseded_at")
    assert [(version, ended is None) for version, ended in rows] == [(1, False), (2, False), (3, True)]
    assert (third.version, third.made_by) == (3, editor)


def test_saving_over_a_version_that_is_gone_is_refused(source: Source, editor: Person) -> None:
    put(source, OURS, editor, over=0)
    with pytest.raises(remapping.MappingChanged):
        put(source, OURS + "# mine", editor, over=0)
    assert SourceMapping.objects.count() == 1


def test_other_kinds_take_none(editor: Person) -> None:
    source = am.source()
    with pytest.raises(remapping.NotMapped):
        put(source, OURS, editor)
    assert signed_in(editor).get(f"/sources/{source.pk}/mapping/").status_code == 404


# ---- the page ----


def test_the_page_shows_what_the_newest_delivery_reads_as(page: Client, source: Source) -> None:
    deliver(source, {"title": "Older"})
    am.deliver(source, raw=json.dumps({"title": "<b>Newest</b>"}).encode(), at=am.minutes(1))
    html = page.get(f"/sources/{source.pk}/mapping/").content.decode()
    assert "1 read, 0 rejected" in html
    assert "&lt;b&gt;Newest" in html
    assert "<b>Newest" not in html
    assert "[fields]" in html  # the default to begin with


def test_saving_puts_it_into_use_and_offers_the_rejected(page: Client, source: Source) -> None:
    deliver(source, {"what": "x", "s": "up"})
    am.drain()
    answer = page.post(f"/sources/{source.pk}/mapping/", {"text": OURS, "over": "0"}, follow=True)
    html = answer.content.decode()
    assert "version 1 of its mapping" in html
    assert "1 delivery was rejected" in html
    assert f'action="/sources/{source.pk}/replay/"' in html
    assert remapping.current_of([source.pk])[source.pk].text.startswith("[fields]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[fields]\ntitle = "what"\nstate = "a ["', "Line 3: fields.state: “a [” is not a JMESPath expression"),
        ('[fields]\ntitle = "what"\nname = what', "line 3"),
        ("", "The mapping is empty"),
        ('[fields]\nstate = "s"', "Line 1: [fields] has no title"),
        ('[fields]\ntitle = "t"\nstate = "s"\n\n[states]\nburning = []', "Line 6: There is no states.burning"),
        ('itmes = "x"', "Line 1: There is no itmes"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_cannot_be_used_is_422_with_line_and_text_kept(
    page: Client, source: Source, text: str, said: str, headers: dict[str, str]
) -> None:
    for path in (f"/sources/{source.pk}/mapping/", f"/sources/{source.pk}/mapping/try/"):
        answer = page.post(path, {"text": text, "over": "0"}, headers=headers)
        assert answer.status_code == 422
        assert said in answer.content.decode().replace("&quot;", '"')
    if not headers:
        assert answer.context["form"].data["text"] == text
    assert not SourceMapping.objects.exists()


def test_somebody_elses_version_is_409_with_the_text_kept(page: Client, source: Source, editor: Person) -> None:
    put(source, OURS, editor)
    answer = page.post(f"/sources/{source.pk}/mapping/", {"text": OURS + "# mine", "over": "0"})
    assert answer.status_code == 409
    assert "Somebody saved another version meanwhile" in answer.content.decode()
    assert "# mine" in answer.content.decode()


def test_trying_as_one_types_swaps_the_result_alone_and_keeps_nothing(page: Client, source: Source) -> None:
    chosen = deliver(source)
    said = {"text": OURS, "delivery": str(chosen.pk)}
    answer = page.post(f"/sources/{source.pk}/mapping/try/", said, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.lstrip().startswith('<div id="result"')
    assert "Too slow" in html
    assert not SourceMapping.objects.exists()


def test_without_scripts_the_button_shows_the_whole_page(page: Client, source: Source) -> None:
    said = {"text": OURS, "body": json.dumps([BODY]), "over": "0"}
    html = page.post(f"/sources/{source.pk}/mapping/try/", said).content.decode()
    assert "<html" in html
    assert "0 read, 1 rejected" in html  # a list where the mapping wants one alert
    assert "title (what) finds nothing" in html or "key (id) finds nothing" in html
    assert "# as typed" not in html


def test_a_pasted_body_goes_before_the_chosen_delivery(page: Client, source: Source) -> None:
    said = {"text": OURS, "delivery": str(deliver(source).pk), "body": json.dumps({**BODY, "what": "Pasted"})}
    html = page.post(f"/sources/{source.pk}/mapping/try/", said, headers=HTMX).content.decode()
    assert "Pasted" in html
    assert "Too slow" not in html


def test_another_sources_delivery_is_not_shown(page: Client, source: Source) -> None:
    other = sourcing.add(kind="custom", name="Others", by=None, now=NOON)[0]
    said = {"text": OURS, "delivery": str(deliver(other).pk)}
    assert "Too slow" not in page.post(f"/sources/{source.pk}/mapping/try/", said, headers=HTMX).content.decode()


def test_a_choice_that_is_gone_does_not_stand_in_the_way_of_saving(page: Client, source: Source) -> None:
    said = {"text": OURS, "over": "0", "delivery": "gone"}
    assert went_to(page.post(f"/sources/{source.pk}/mapping/", said)) == f"/sources/{source.pk}/mapping/"


def test_a_trial_is_bounded(source: Source) -> None:
    body = mapping_trials.Body(json.dumps({"items": list(range(3000))}).encode(), {}, NOON)
    greedy = """
    items = "items[].{a: @}"
    [fields]
    title = "to_string(length(_body.items[].[@, @][]))"
    state = "'firing'"
    """
    trial = mapping_trials.of(greedy, body)
    assert trial.rejection_count + trial.reading_count == 3000
    assert any(f"more than {mapping_trials.STEPS} steps" in str(one) for one in trial.rejections)
    assert len(trial.readings) <= mapping_trials.SHOWN
    assert trial.more == 3000 - len(trial.readings) - len(trial.rejections)


def test_only_newest_and_short_deliveries_are_offered(source: Source) -> None:
    for number in range(mapping_trials.OFFERED + 2):
        am.deliver(source, raw=b"{}", at=NOON + timedelta(minutes=number))
    long = am.deliver(source, raw=b" " * mapping_trials.LONGEST + b"{}", at=NOON + timedelta(hours=9))
    offered = mapping_trials.offered(source)
    assert len(offered) == mapping_trials.OFFERED
    assert long.pk not in {one.pk for one in offered}
    assert mapping_trials.body_of(source, long.pk) is None


# ---- rights ----


@pytest.mark.parametrize("act", ["mapping/", "mapping/try/", "mapping/default/", "replay/", "silence/"])
def test_only_editors_act(source: Source, act: str) -> None:
    path = f"/sources/{source.pk}/{act}"
    for role in ("viewer", "responder"):
        assert signed_in(make.person(role=role)).post(path, {"text": OURS}).status_code == 403
    assert went_to(Client().post(path)).startswith("/accounts/login/")
    assert not SourceMapping.objects.exists()


def test_the_default_again(page: Client, source: Source, editor: Person) -> None:
    put(source, OURS, editor)
    assert went_to(page.post(f"/sources/{source.pk}/mapping/default/")) == f"/sources/{source.pk}/mapping/"
    assert remapping.current_of([source.pk]) == {}


# ---- the API ----


@pytest.fixture
def api(editor: Person) -> APIClient:
    _, secret = tokens.make(editor, label="", scope="write", now=timezone.now())
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return made


def test_the_api_reads_and_replaces_it(api: APIClient, source: Source) -> None:
    path = f"/api/v1/sources/{source.pk}/mapping/"
    assert api.get(path).status_code == 404
    made = api.put(path, {"text": OURS}, format="json")
    assert (made.status_code, made.data["version"]) == (200, 1)
    assert api.get(path).data["text"] == OURS.strip() + "\n"
    wrong = api.put(path, {"text": '[fields]\ntitle = "a ["'}, format="json")
    assert (wrong.status_code, wrong.data["code"]) == (422, "invalid")
    assert "Line 2" in wrong.data["errors"]["text"][0]
    assert api.put(path, {"text": OURS + "# x", "over": 9}, format="json").data["code"] == "mapping_changed"
    assert api.put(path, {"text": ""}, format="json").status_code == 204
    assert api.get(path).status_code == 404


def test_the_api_is_for_editors(source: Source, api: APIClient) -> None:
    reader = APIClient()
    _, secret = tokens.make(make.person(role="responder"), label="", scope="write", now=timezone.now())
    reader.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    assert reader.put(f"/api/v1/sources/{source.pk}/mapping/", {"text": OURS}, format="json").status_code == 403


def test_the_page_costs_the_same_for_any_number(page: Client, source: Source, editor: Person) -> None:
    counts = set()
    for number in range(4):
        deliver(source)
        put(source, f"{OURS}\n# {number}", editor)
        counts.add(queries(page, f"/sources/{source.pk}/mapping/"))
    assert len(counts) == 1
