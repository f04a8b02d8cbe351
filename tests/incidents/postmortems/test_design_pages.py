"""Pages of templates, and choosing one for a postmortem; all of it by plain forms."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import designing
from incidents.postmortems.forms.designs import initial_of
from incidents.postmortems.models import Postmortem, PostmortemTemplate
from incidents.postmortems.queries import offers
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.test_designing import copied, newest, offer, saved
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db

LIST = "/postmortems/templates/"


@pytest.fixture
def ada() -> Person:
    return make.person("Ada Editor", role="editor")


@pytest.fixture
def editor(ada: Person) -> Client:
    return signed_in(ada)


def said(template: PostmortemTemplate, **changes: Any) -> dict[str, Any]:
    """What the form of a version sends as it stands: an unticked box is not sent."""
    sent = initial_of(template) | changes
    return {name: value for name, value in sent.items() if value not in (None, False)}


# ---- who may ----


def test_everybody_reads_and_only_editors_design(ada: Person) -> None:
    one = copied(ada)
    responder = signed_in(make.person(role="responder"))
    shown = responder.get(LIST).content.decode()
    assert "Our near miss" in shown
    assert "For trouble that nobody outside felt" in shown
    assert ">Copy<" not in shown
    page = responder.get(f"{LIST}{one.code}/").content.decode()
    assert "Would it hold again on a Sunday" in page
    tails = ["near_miss/v1/copy/", f"{one.code}/edit/", f"{one.code}/retire/", f"{one.code}/default/"]
    before = list(PostmortemTemplate.objects.order_by("pk").values())
    for tail in tails:
        assert responder.post(f"{LIST}{tail}", said(one)).status_code == 403, tail
    assert responder.get(f"{LIST}near_miss/v1/copy/").status_code == 403
    assert list(PostmortemTemplate.objects.order_by("pk").values()) == before
    assert not offer(one.code).retired


def test_a_stranger_is_sent_to_sign_in() -> None:
    for tail in ("", "near_miss/", "near_miss/v1/copy/"):
        assert Client().get(f"{LIST}{tail}")["Location"].startswith("/accounts/login/")


def test_what_is_not_there_is_not_found(editor: Client) -> None:
    for tail in ("nothing/", "near_miss/v9/", "near_miss/v9/copy/", "own-nothing/edit/"):
        assert editor.get(f"{LIST}{tail}").status_code == 404, tail


# ---- copying and changing ----


def test_copying_opens_a_form_and_makes_one_when_it_is_saved(editor: Client) -> None:
    original = newest("near_miss")
    shown = editor.get(f"{LIST}near_miss/v1/copy/").content.decode()
    assert 'value="Near miss, ours"' in shown
    answer = editor.post(f"{LIST}near_miss/v1/copy/", said(original, name="Close calls"))
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}own-close-calls/")
    assert newest("own-close-calls").sections == original.sections
    assert "Close calls" in editor.get(answer["Location"]).content.decode()


def test_changing_heading_prompt_requirement_and_prefill(editor: Client, ada: Person) -> None:
    one = copied(ada)
    place = next(at for at, entry in enumerate(one.sections) if entry["key"] == "further")
    changes = {f"heading_{place}": "Reach", f"prompt_{place}": "How far?", f"prefill_{place}": "impact"}
    sent = said(one, **changes)
    del sent[f"required_{place}"]
    assert editor.post(f"{LIST}{one.code}/edit/", sent).status_code == 302
    changed = newest(one.code)
    assert changed.version == 2
    assert changed.sections[place] == {
        "key": "further", "kind": "narrative", "heading": "Reach", "prompt": "How far?", "required": False,
        "prefill": "impact",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("act", "keys"),
    [
        ("up-1", ["times", "summary", "noticed"]),
        ("down-0", ["times", "summary", "noticed"]),
        ("up-0", ["summary", "times", "noticed"]),
        ("remove-1", ["summary", "noticed", "changes"]),
        ("down-99", ["summary", "times", "noticed"]),
        ("weather", ["summary", "times", "noticed"]),
    ],
)
def test_rows_move_with_all_that_was_typed_and_nothing_is_saved(
    editor: Client, ada: Person, act: str, keys: list[str]
) -> None:
    one = copied(ada)
    answer = editor.post(f"{LIST}{one.code}/edit/", said(one, act=act, name="Typed", heading_0="Typed too"))
    form = answer.context["form"]
    assert answer.status_code == 200
    assert [form.initial[f"key_{place}"] for place in range(3)] == keys
    assert 'value="Typed"' in answer.content.decode()
    assert 'value="Typed too"' in answer.content.decode()
    assert newest(one.code).version == 1


def test_a_section_is_added_and_saved(editor: Client, ada: Person) -> None:
    one = copied(ada)
    address = f"{LIST}{one.code}/edit/"
    more = editor.post(address, said(one, act="add", new_kind="people")).context["form"]
    count = more.count
    more = editor.post(address, {**more.initial, "act": "add", "new_kind": "people"}).context["form"]
    assert [more.initial[f"kind_{at}"] for at in range(count - 1, more.count)] == ["people", "narrative"]
    assert editor.post(address, {**more.initial, f"heading_{count}": "Cost"}).status_code == 302
    assert [entry["key"] for entry in newest(one.code).sections[-2:]] == ["people", "own_cost"]


def test_what_cannot_be_saved_answers_422_with_everything_kept(editor: Client, ada: Person) -> None:
    one = copied(ada)
    answer = editor.post(f"{LIST}{one.code}/edit/", said(one, name="Typed", heading_0=" ", minutes="many"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the section a heading." in shown
    assert 'value="Typed"' in shown
    assert 'value="many"' in shown
    assert newest(one.code).version == 1


def test_somebody_elses_version_answers_409_with_everything_kept(editor: Client, ada: Person) -> None:
    one = copied(ada)
    saved(one, make.person("Jonas Lind", role="editor"), name="Theirs")
    answer = editor.post(f"{LIST}{one.code}/edit/", said(one, name="Mine"))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Jonas Lind saved version 2 meanwhile." in shown
    assert 'value="Mine"' in shown
    assert 'name="written_on" value="2"' in shown
    assert editor.post(f"{LIST}{one.code}/edit/", said(one, name="Mine", written_on=2)).status_code == 302
    assert newest(one.code).name == "Mine"


def test_a_built_in_one_is_copied_not_changed(editor: Client) -> None:
    assert editor.get(f"{LIST}near_miss/edit/").status_code == 409
    shown = editor.get(f"{LIST}near_miss/").content.decode()
    assert f"{LIST}near_miss/v1/copy/" in shown
    assert f"{LIST}near_miss/edit/" not in shown


def test_retiring_restoring_and_the_default(editor: Client) -> None:
    assert editor.post(f"{LIST}near_miss/retire/")["Location"] == LIST
    assert "retired" in editor.get(LIST).content.decode()
    assert editor.post(f"{LIST}near_miss/default/").status_code == 409
    editor.post(f"{LIST}near_miss/retire/", {"restore": "1"})
    assert not offer("near_miss").retired
    editor.post(f"{LIST}near_miss/default/")
    assert offer("near_miss").is_default


def test_an_earlier_version_is_read_as_it_was(editor: Client, ada: Person) -> None:
    one = copied(ada)
    saved(one, ada, name="Close calls")
    shown = editor.get(f"{LIST}{one.code}/v1/").content.decode()
    assert "<h1>Our near miss</h1>" in shown
    assert "This is an earlier version." in shown
    assert "This is an earlier version." not in editor.get(f"{LIST}{one.code}/v2/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, editor: Client, ada: Person, count: int
) -> None:
    for _ in range(count):
        saved(copied(ada), ada, name="Close calls")
    editor.get(LIST)
    with django_assert_num_queries(7):
        editor.get(LIST)


# ---- choosing one for a postmortem ----


def test_one_click_starts_what_is_suggested_and_says_why() -> None:
    responder = signed_in(make.person())
    incident = review.resolved(mode="data.schema_drift")
    shown = " ".join(responder.get(f"/incidents/{incident.pk}/").content.decode().split())
    assert ">Data incident</a>, because its finding is in the data layer." in shown
    responder.post(f"/incidents/{incident.pk}/postmortem/")
    assert Postmortem.objects.get().template.code == "data_incident"


def test_choosing_preselects_the_suggestion_and_takes_another_one() -> None:
    responder = signed_in(make.person())
    incident = review.resolved(mode="data.schema_drift")
    address = f"/incidents/{incident.pk}/postmortem/"
    answer = responder.get(address)
    assert answer.context["form"].initial == {"template": "data_incident"}
    assert "Suggested: Data incident, because its finding is in the data layer." in answer.content.decode()
    responder.post(address, {"template": "quick_review"})
    assert Postmortem.objects.get().template.code == "quick_review"
    assert responder.get(address)["Location"] == f"/postmortems/{incident.pk}/"


@pytest.mark.parametrize("code", ["nothing", "vendor_incident"])
def test_what_is_not_offered_cannot_be_chosen(ada: Person, code: str) -> None:
    designing.retire("vendor_incident", by=ada, now=LATER)
    incident = review.resolved()
    answer = signed_in(make.person()).post(f"/incidents/{incident.pk}/postmortem/", {"template": code})
    assert answer.status_code == 422
    assert not Postmortem.objects.exists()


def test_the_list_of_incidents_that_need_one_names_what_is_suggested() -> None:
    review.resolved(mode="data.schema_drift")
    shown = signed_in(make.person()).get("/postmortems/").content.decode()
    assert "Because its finding is in the data layer; choose another" in shown


def test_a_draft_follows_another_template() -> None:
    maya = make.person("Maya Okafor")
    draft = review.draft(by=maya)
    responder = signed_in(maya)
    assert url(draft, "template/") in responder.get(url(draft)).content.decode()
    shown = responder.get(url(draft, "template/")).content.decode()
    assert "It follows Full AI incident review v2 now." in shown
    assert responder.post(url(draft, "template/"), {"template": "weather"}).status_code == 422
    assert responder.post(url(draft, "template/"), {"template": "near_miss"})["Location"] == url(draft)
    assert Postmortem.objects.get().template == offers.newest("near_miss")


def test_who_only_reads_changes_no_template() -> None:
    draft = review.draft()
    viewer = signed_in(make.person(role="viewer"))
    assert viewer.post(url(draft, "template/"), {"template": "near_miss"}).status_code == 403
    published = review.published()
    answer = signed_in(published.author).post(url(published, "template/"), {"template": "near_miss"})
    assert answer.status_code == 409
