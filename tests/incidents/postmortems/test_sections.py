"""Saving a section by its button and by autosave: the same act, two endings, no text lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.postmortems.forms.sections import SECTION_MAX
from incidents.postmortems.models import Postmortem, SectionRevision
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db

AUTOSAVE = {"HX-Request": "true", "HX-Target": "saved-surprised", "HX-Current-URL": "http://testserver/postmortems/1/"}


@pytest.fixture
def client(maya: Person) -> Client:
    client = Client()
    client.force_login(maya)
    return client


def save(client: Client, draft: Postmortem, text: str, revision: object, *, auto: bool = False, **more: Any) -> Any:
    address = f"/postmortems/{draft.incident_id}/sections/surprised/"
    return client.post(address, {"text": text, "revision": revision, **more}, headers=AUTOSAVE if auto else {})


def test_the_button_saves_and_comes_back_to_the_section(client: Client, draft: Postmortem) -> None:
    answer = save(client, draft, "Two loops.", 0)
    assert (answer.status_code, answer["Location"]) == (302, f"/postmortems/{draft.incident_id}/#section-surprised")
    assert review.section(draft).text == "Two loops."


def test_autosave_gets_the_line_and_the_checklist_never_the_text(client: Client, draft: Postmortem) -> None:
    answer = save(client, draft, "Two loops.", 0, auto=True)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="saved-surprised"' in shown
    assert '<input type="hidden" name="revision" value="1">' in shown
    assert "Saved" in shown
    assert "<textarea" not in shown
    assert "Two loops." not in shown
    assert 'id="checklist"' in shown
    assert "Write “What surprised us”" not in shown
    assert "HX-Request" in answer["Vary"]


def test_a_stale_page_shows_both_texts_and_keeps_what_was_typed(client: Client, draft: Postmortem) -> None:
    review.write(draft, "surprised", "Theirs.", by=make.person("Jonas Lind"))
    answer = save(client, draft, "Mine, long thought about.", 0)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Jonas Lind saved this section" in shown
    assert ">\nMine, long thought about.</textarea>" in shown  # in the field
    assert "only in yours: </span>Mine, long thought about</ins>" in shown
    assert "only in the saved one: </span>Theirs</del>" in shown
    assert "Keep mine" in shown
    assert "Take theirs" in shown
    assert review.section(draft).text == "Theirs."


def test_stale_autosave_gets_the_panel(client: Client, draft: Postmortem) -> None:
    review.write(draft, "surprised", "Theirs.", by=make.person("Jonas Lind"))
    answer = save(client, draft, "Mine.", 0, auto=True)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "<html" not in shown
    assert 'data-conflict data-revision="1"' in shown
    assert "Not saved" in shown
    # what was written on revision 0 stays so: saving it once more cannot overwrite theirs
    assert '<input type="hidden" name="revision" value="0">' in shown
    assert SectionRevision.objects.filter(section=review.section(draft)).count() == 1


@pytest.mark.parametrize("auto", [False, True])
def test_saving_again_after_a_conflict_is_still_a_conflict_until_mine_is_kept(
    client: Client, draft: Postmortem, auto: bool
) -> None:
    review.write(draft, "surprised", "Theirs.")
    assert save(client, draft, "Mine.", 0, auto=auto).status_code == 409
    assert save(client, draft, "Mine.", 0, auto=auto).status_code == 409
    assert save(client, draft, "Mine.", 0, auto=auto, keep_over=1).status_code == (200 if auto else 302)
    assert (review.section(draft).text, review.section(draft).revision) == ("Mine.", 2)


def test_keeping_mine_over_what_has_moved_on_again_is_a_conflict_again(client: Client, draft: Postmortem) -> None:
    review.write(draft, "surprised", "Theirs.")
    review.write(draft, "surprised", "Theirs, better.")
    answer = save(client, draft, "Mine.", 0, keep_over=1)
    assert answer.status_code == 409
    assert "Theirs, better." in answer.content.decode()


@pytest.mark.parametrize("auto", [False, True])
@pytest.mark.parametrize("wrong", [{"revision": "x"}, {"revision": ""}, {"text": "a\x00b"}])
def test_what_cannot_be_read_is_refused_and_kept(
    client: Client, draft: Postmortem, auto: bool, wrong: dict[str, str]
) -> None:
    sent = {"text": "My words.", "revision": "0", **wrong}
    answer = save(client, draft, sent["text"], sent["revision"], auto=auto)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "could not be saved" in shown
    assert ("My words." in shown) == (not auto and "text" not in wrong)
    assert review.section(draft).revision == 0


def test_a_text_that_is_too_long_says_how_long(client: Client, draft: Postmortem) -> None:
    answer = save(client, draft, "x" * (SECTION_MAX + 1), 0, auto=True)
    assert answer.status_code == 422
    assert "200,001 of 200,000" in answer.content.decode()


def test_markup_in_a_text_stays_text(client: Client, draft: Postmortem) -> None:
    save(client, draft, "</textarea><script>alert(1)</script>", 0)
    shown = client.get(f"/postmortems/{draft.incident_id}/").content.decode()
    assert "&lt;/textarea&gt;&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_a_text_that_begins_with_an_empty_line_keeps_it(client: Client, draft: Postmortem) -> None:
    save(client, draft, "\n\n- first", 0)
    assert review.section(draft).text == "\n\n- first"
    # browsers drop one newline after <textarea>: the page writes one of its own
    assert ">\n\n\n- first</textarea>" in client.get(f"/postmortems/{draft.incident_id}/").content.decode()


def test_an_expired_session_answers_autosave_with_the_way_to_sign_in(draft: Postmortem) -> None:
    answer = save(Client(), draft, "Mine.", 0, auto=True)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fpostmortems%2F1%2F"


@pytest.mark.parametrize("auto", [False, True])
def test_what_cannot_be_saved_stays_on_the_revision_it_was_written_on(
    client: Client, draft: Postmortem, auto: bool
) -> None:
    review.write(draft, "surprised", "First.")
    review.write(draft, "surprised", "Theirs, precious.", by=make.person("Jonas Lind"))
    refused = save(client, draft, "x" * (SECTION_MAX + 1), 1, auto=auto).content.decode()
    (_, told) = refused.split('id="saved-surprised"')
    assert '<input type="hidden" name="revision" value="1">' in told[:200]
    assert save(client, draft, "Mine, shorter.", 1, auto=auto).status_code == 409
    assert review.section(draft).text == "Theirs, precious."
