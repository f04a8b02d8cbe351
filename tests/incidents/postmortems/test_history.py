"""The past of a section on its page: who reads it, what it shows, what can be brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.postmortems import drafting
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import revisions
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db

PAGE = "sections/surprised/history/"


def save(draft: Postmortem, text: str, *, minute: int, by: Person | None = None) -> None:
    one = review.section(draft)
    now = LATER + timedelta(minutes=minute)
    drafting.save_section(one, text=text, on_revision=one.revision, by=by or draft.author, now=now)


def stretches(draft: Postmortem) -> list[tuple[int, int]]:
    found = revisions.history(review.section(draft)).stretches
    return [(one.first.revision, one.last.revision) for one in found]


def test_saves_of_one_person_without_a_rest_stand_together(draft: Postmortem) -> None:
    jonas = make.person("Jonas Lind")
    for minute, by in ((0, None), (4, None), (14, None), (25, None), (26, jonas), (27, None)):
        save(draft, f"at {minute}", minute=minute, by=by)
    assert stretches(draft) == [(6, 6), (5, 5), (4, 4), (1, 3)]


def test_what_the_incident_brought_stands_alone(draft: Postmortem) -> None:
    one = review.section(draft, "summary")
    drafting.save_section(one, text="Mine.", on_revision=0, by=draft.author, now=LATER)
    found = revisions.history(one).stretches
    assert [(one.first.revision, one.last.revision) for one in found] == [(1, 1), (0, 0)]


def test_the_page_shows_what_changed_between_two(draft: Postmortem, maya: Person) -> None:
    save(draft, "The answer took 4 s.", minute=0)
    save(draft, "The answer took 40 s. <b>", minute=30)
    shown = signed_in(maya).get(url(draft, f"{PAGE}?from=1&to=2")).content.decode()
    assert "From revision 1 to 2" in shown
    assert "removed: </span> 4<" in shown
    assert "added: </span> 40<" in shown
    assert "&lt;b&gt;" not in shown.split('id="compare"')[0]
    assert "<b>" not in shown.split('class="diff"')[1].split("</section>")[0]
    back = signed_in(maya).get(url(draft, f"{PAGE}?from=2&to=1")).content.decode()
    assert "Restore revision 1" in back
    assert "Restore revision" not in shown  # it is what stands


@pytest.mark.parametrize(("asked", "status"), [("from=1&to=9", 404), ("from=x&to=1", 200), ("from=1", 200), ("", 200)])
def test_what_cannot_be_compared_is_said(draft: Postmortem, maya: Person, asked: str, status: int) -> None:
    save(draft, "One.", minute=0)
    assert signed_in(maya).get(url(draft, f"{PAGE}?{asked}")).status_code == status


def test_a_text_is_brought_back_by_its_button(draft: Postmortem, maya: Person) -> None:
    save(draft, "One.", minute=0)
    save(draft, "Two.", minute=30)
    answer = signed_in(maya).post(url(draft, f"{PAGE}1/restore/"), {"revision": 2})
    assert (answer.status_code, answer["Location"]) == (302, f"{url(draft)}#section-surprised")
    assert (review.section(draft).text, review.section(draft).revision) == ("One.", 3)
    assert "restored revision 1" in signed_in(maya).get(url(draft, PAGE)).content.decode()


def test_who_was_slower_restores_nothing_and_is_told(draft: Postmortem, maya: Person) -> None:
    save(draft, "One.", minute=0)
    save(draft, "Two.", minute=30, by=make.person("Jonas Lind"))
    answer = signed_in(maya).post(url(draft, f"{PAGE}1/restore/"), {"revision": 1})
    assert answer.status_code == 409
    assert "Jonas Lind saved this section" in answer.content.decode()
    assert signed_in(maya).post(url(draft, f"{PAGE}1/restore/"), {"revision": "x"}).status_code == 422
    assert review.section(draft).text == "Two."


def test_writers_read_it_also_once_it_is_published_and_viewers_never(maya: Person) -> None:
    published = review.published(by=maya)
    assert signed_in(maya).get(url(published, "sections/surprised/history/")).status_code == 200
    answer = signed_in(maya).post(url(published, "sections/surprised/history/0/restore/"), {"revision": 1})
    assert answer.status_code == 409
    viewer = signed_in(make.person(role="viewer"))
    assert viewer.get(url(published, PAGE)).status_code == 403
    assert viewer.post(url(published, f"{PAGE}0/restore/"), {"revision": 1}).status_code == 403


def test_a_private_one_is_not_there_for_strangers(draft: Postmortem) -> None:
    type(draft.incident).objects.update(private=True)
    stranger = signed_in(make.person("Sven Stranger"))
    assert stranger.get(url(draft, PAGE)).status_code == 404
    assert stranger.post(url(draft, f"{PAGE}0/restore/"), {"revision": 0}).status_code == 404


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_a_long_past_costs_no_more_and_is_paged(draft: Postmortem, maya: Person) -> None:
    client = signed_in(maya)
    save(draft, "0", minute=0)
    few = _queries(client, url(draft, f"{PAGE}?from=0&to=1"))
    for number in range(1, revisions.PAGE + 2):
        save(draft, str(number), minute=20 * number)
    assert _queries(client, url(draft, f"{PAGE}?from=0&to=1")) == few
    shown = client.get(url(draft, PAGE)).content.decode()
    assert "Older revisions" in shown
    following = shown.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Older revisions" not in client.get(url(draft, PAGE) + following).content.decode()


# ---- the API ----


def test_the_api_lists_and_restores(draft: Postmortem, maya: Person) -> None:
    save(draft, "One.", minute=0)
    save(draft, "Two.", minute=30, by=make.person("Jonas Lind"))
    client, path = signed_in(maya), f"/api/v1/postmortems/{draft.incident_id}/sections/surprised/"
    rows = client.get(f"{path}history/?page_size=1").json()
    assert [(row["revision"], row["text"], row["restores"]) for row in rows["results"]] == [(2, "Two.", None)]
    assert client.get(rows["next"]).json()["results"][0]["text"] == "One."
    stale = client.post(f"{path}restore/", {"restores": 1, "revision": 1}, content_type="application/json")
    assert (stale.status_code, stale.json()["theirs"]["text"]) == (409, "Two.")
    unknown = client.post(f"{path}restore/", {"restores": 9, "revision": 2}, content_type="application/json")
    assert unknown.status_code == 422
    done = client.post(f"{path}restore/", {"restores": 1, "revision": 2}, content_type="application/json")
    assert (done.status_code, done.json()["text"], done.json()["revision"]) == (200, "One.", 3)
    viewer = signed_in(make.person(role="viewer"))
    assert viewer.get(f"{path}history/").status_code == 403
