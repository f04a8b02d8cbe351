"""Postmortems and actions over the API: what tokens may, both texts of a conflict, what is missing."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from incidents.postmortems import circulating
from incidents.postmortems.models import Action, NoActionReason, Postmortem
from incidents.response import noting
from incidents.response.impacts import Impact
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db

POSTMORTEMS = "/api/v1/postmortems/"
ACTIONS = "/api/v1/actions/"


def api(person: Person | None = None, scope: str = "write") -> APIClient:
    client = APIClient()
    if person is not None:
        _, secret = tokens.make(person, label="test", scope=scope, now=NOON)
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


@pytest.fixture
def client(maya: Person) -> APIClient:
    return api(maya)


def at(postmortem: Postmortem, tail: str = "") -> str:
    return f"{POSTMORTEMS}{postmortem.incident_id}/{tail}"


def test_strangers_get_401_viewers_and_read_tokens_only_read(draft: Postmortem) -> None:
    assert api().get(POSTMORTEMS).status_code == 401
    for client in (api(make.person(role="viewer")), api(make.person(), "read")):
        assert client.get(at(draft)).status_code == 200
        assert client.patch(at(draft, "sections/surprised/"), {"text": "x", "revision": 0}).status_code == 403
        assert client.post(POSTMORTEMS, {"number": draft.incident_id}).status_code == 403
        assert client.post(ACTIONS, {"postmortem": draft.incident_id, "title": "x"}).status_code == 403
    assert review.section(draft).revision == 0
    assert not Action.objects.exists()


def test_starting_gives_the_whole_and_twice_the_same(client: APIClient) -> None:
    incident = review.resolved()
    for _ in range(2):
        answer = client.post(POSTMORTEMS, {"number": incident.pk})
        assert answer.status_code == 201
        body = answer.json()
        assert (body["number"], body["state"], body["template"]) == (incident.pk, "draft", "full_review/2")
        assert [section["key"] for section in body["sections"]][:2] == ["summary", "impact"]
        assert body["findings"][0]["mode"] == review.RETRIES
        assert {item["label"]: item["ok"] for item in body["checklist"]}["One primary finding"] is True
    assert Postmortem.objects.count() == 1
    assert client.post(POSTMORTEMS, {"number": 999_999}).status_code == 404
    assert client.post(POSTMORTEMS, {}).json()["code"] == "invalid"


def test_a_section_is_saved_on_its_revision(client: APIClient, draft: Postmortem) -> None:
    answer = client.patch(at(draft, "sections/surprised/"), {"text": "Two loops.", "revision": 0})
    assert answer.status_code == 200
    assert (answer.json()["text"], answer.json()["revision"]) == ("Two loops.", 1)


def test_a_stale_section_is_a_409_with_both_texts(client: APIClient, draft: Postmortem) -> None:
    review.write(draft, "surprised", "Theirs.")
    answer = client.patch(at(draft, "sections/surprised/"), {"text": "Mine.", "revision": 0})
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["mine"], body["theirs"]["text"], body["theirs"]["revision"]) == (
        "stale_revision", "Mine.", "Theirs.", 1,
    )  # fmt: skip
    assert review.section(draft).text == "Theirs."


def test_findings_are_added_confirmed_corrected_withdrawn(client: APIClient, draft: Postmortem) -> None:
    (provisional,) = review.standing(draft)
    confirmed = client.patch(at(draft, f"findings/{provisional.line}/"), {})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "reviewed")
    added = client.post(at(draft, "findings/"), {"mode": "data.schema_drift", "evidence": "diff"})
    assert (added.status_code, added.json()["layer"], added.json()["state"]) == (201, "data", "reviewed")
    line = added.json()["line"]
    corrected = client.patch(at(draft, f"findings/{line}/"), {"mode": "org.runbook_gap", "primary": True})
    assert (corrected.json()["layer"], corrected.json()["primary"]) == ("org", True)
    assert client.delete(at(draft, f"findings/{line}/")).status_code == 204
    assert [one.line for one in review.standing(draft)] == [provisional.line]
    assert client.post(at(draft, "findings/"), {"mode": "data.schema_drift"}).json()["errors"] == {
        "evidence": ["A reviewed finding needs evidence: what shows it?"]
    }


def test_a_stale_finding_is_a_409_with_what_stands(client: APIClient, draft: Postmortem) -> None:
    (read,) = review.standing(draft)
    path = at(draft, f"findings/{read.line}/")
    said = {"evidence": "mine", "seen": read.pk}
    theirs = client.patch(path, {"evidence": "theirs", "seen": read.pk})
    assert (theirs.status_code, theirs.json()["evidence"]) == (200, "theirs")
    stale = client.patch(path, said)
    assert (stale.status_code, stale.json()["code"], stale.json()["theirs"]) == (409, "finding_changed", theirs.json())
    assert [one.evidence for one in review.standing(draft)] == ["theirs"]
    assert client.patch(path, {**said, "seen": theirs.json()["id"]}).json()["evidence"] == "mine"
    assert client.patch(path, {"evidence": "whatever stood there"}).status_code == 200
    assert client.patch(path, {"seen": "x"}).status_code == 422


def test_of_what_shows_a_finding_no_id_is_told_to_who_may_not_see_it(client: APIClient, draft: Postmortem) -> None:
    hidden = make.incident(by=draft.author, private=True)
    row = noting.note(hidden, text="Zanzibar", by=draft.author, now=NOON)
    (finding,) = review.standing(draft)
    links = [{"kind": "row", "id": str(row.pk)}]
    saved = client.patch(at(draft, f"findings/{finding.line}/"), {"links": links})
    assert saved.json()["links"] == links
    assert client.get(at(draft)).json()["findings"][0]["links"] == links
    other = api(make.person())
    theirs = [
        other.get(at(draft)).json()["findings"][0],
        other.patch(at(draft, f"findings/{finding.line}/"), {}).json(),
    ]
    assert [one["links"] for one in theirs] == [[{"kind": "row", "lost": "gone, or not yours to see"}]] * 2
    assert [one.links for one in review.standing(draft)] == [links]


def test_a_reason_for_no_action(client: APIClient, draft: Postmortem) -> None:
    (finding,) = review.standing(draft)
    address = at(draft, f"findings/{finding.line}/no-action/")
    assert client.put(address, {"reason": ""}).status_code == 422
    assert client.put(address, {"reason": "The vendor fixed it."}).json() == {"reason": "The vendor fixed it."}
    assert NoActionReason.objects.get().finding_line == finding.line
    assert client.get(at(draft)).json()["no_action_reasons"] == {str(finding.line): "The vendor fixed it."}


def test_saying_that_the_start_is_unknown(client: APIClient, maya: Person) -> None:
    postmortem = review.draft(by=maya, began=Impact())
    answer = client.put(at(postmortem, "start-unknown/"), {"reason": "No logs."})
    assert {item["label"]: item["ok"] for item in answer.json()["checklist"]}["Start of the impact"] is True


def test_publishing_what_is_not_ready_is_a_422_with_the_checklist(client: APIClient, draft: Postmortem) -> None:
    answer = client.post(at(draft, "publish/"))
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "not_ready"
    assert "Review “retry amplification”" in [item["label"] for item in body["missing"]]
    assert Postmortem.objects.get().published_at is None


def test_publishing_freezes(client: APIClient, maya: Person) -> None:
    postmortem = review.ready(by=maya)
    (finding,) = review.standing(postmortem)
    action = Action.objects.get()
    assert client.post(at(postmortem, "publish/")).json()["state"] == "published"
    assert client.post(at(postmortem, "publish/")).status_code == 200
    for refused in (
        client.patch(at(postmortem, "sections/surprised/"), {"text": "x", "revision": 1}),
        client.post(at(postmortem, "findings/"), {"mode": "data.schema_drift", "evidence": "diff"}),
        client.patch(at(postmortem, f"findings/{finding.line}/"), {"role": "trigger"}),
        client.delete(at(postmortem, f"findings/{finding.line}/")),
        client.post(ACTIONS, {"postmortem": postmortem.incident_id, "title": "x"}),
        client.patch(f"{ACTIONS}{action.pk}/", {"title": "x"}),
        client.delete(f"{ACTIONS}{action.pk}/"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "published_frozen")
    done = client.post(f"{ACTIONS}{action.pk}/done/")
    assert done.json()["done_by"] == maya.email
    assert client.post(f"{ACTIONS}{action.pk}/undone/").json()["done_at"] is None


def test_actions_are_added_changed_and_taken_out(client: APIClient, draft: Postmortem, maya: Person) -> None:
    (finding,) = review.standing(draft)
    team = make.team("Answers team")
    said = {"postmortem": draft.incident_id, "finding": str(finding.line), "title": "Cap it", "owner": maya.email}
    made = client.post(ACTIONS, said)
    assert made.status_code == 201
    assert {key: made.json()[key] for key in said} == said
    address = f"{ACTIONS}{made.json()['id']}/"
    two = client.patch(address, {"owner_team": team.slug})
    assert (two.status_code, two.json()["code"]) == (422, "one_owner")
    changed = client.patch(address, {"owner": None, "owner_team": team.slug, "due_on": "2026-12-24"})
    assert (changed.json()["owner"], changed.json()["owner_team"], changed.json()["title"]) == (
        None, team.slug, "Cap it",
    )  # fmt: skip
    assert client.delete(address).status_code == 204
    assert not Action.objects.exists()


def test_lists_are_filtered(client: APIClient, maya: Person) -> None:
    service = make.service("Support answers")
    first = review.published(by=maya, service=service)
    second = review.draft()
    review.action(second, "Second", due_on=None)

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in client.get(f"{POSTMORTEMS}?{query}").json()["results"]]

    assert numbers("state=published") == [first.incident_id]
    assert numbers("state=draft") == [second.incident_id]
    assert numbers(f"author={maya.email}") == [first.incident_id]
    assert numbers(f"service={service.slug}") == [first.incident_id]

    def titles(query: str) -> list[str]:
        return [row["title"] for row in client.get(f"{ACTIONS}?{query}").json()["results"]]

    assert titles(f"postmortem={second.incident_id}") == ["Second"]
    assert titles(f"owner={maya.email}") == ["Cap the retries"]
    assert titles("due_before=2027-01-01") == ["Cap the retries"]
    client.post(f"{ACTIONS}{Action.objects.get(title='Second').pk}/done/")
    assert titles("open=true") == ["Cap the retries"]


@pytest.mark.parametrize("items", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(django_assert_num_queries, client: APIClient, items: int) -> None:
    for _ in range(items):
        review.action(review.draft(), owner=None, owner_team=make.team())
    for address in (POSTMORTEMS, ACTIONS):
        client.get(address)
        with django_assert_num_queries(2):  # the token, the rows
            assert len(client.get(address).json()["results"]) == items


@pytest.mark.parametrize("items", [1, 3])
def test_one_whole_costs_the_same_for_one_and_for_three(
    django_assert_num_queries, client: APIClient, draft: Postmortem, items: int
) -> None:
    for mode in ("integration.misroute", "data.schema_drift", "org.runbook_gap")[:items]:
        component = make.component(of=draft.incident.service) if draft.incident.service else make.component()
        line = review.finding(draft, mode, component=component).line
        review.action(draft, mode, finding_line=line, by=make.person())
    client.get(at(draft))
    with django_assert_num_queries(11):
        assert len(client.get(at(draft)).json()["actions"]) == items


# ---- reviews ----


def test_a_reviewer_answers_whatever_their_role_for_what_they_read(draft: Postmortem) -> None:
    asked, other = make.person(role="viewer"), make.person()
    circulating.send(draft, reviewers=[asked, other], by=draft.author, now=review.LATER)
    reader, answer = api(asked), at(draft, "review/answer/")
    seen = reader.get(at(draft)).json()["seen"]
    assert reader.post(answer, {"answer": "approved"}).status_code == 422
    for foreign in ("x:y", api(other).get(at(draft)).json()["seen"]):
        refused = reader.post(answer, {"answer": "approved", "seen": foreign})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["seen"])
    review.write(draft, "surprised", "Written between reading and answering.")
    told = reader.post(answer, {"answer": "approved", "seen": seen}).json()
    mine = next(one for one in told["reviewers"] if one["person"] == asked.email)
    assert (mine["answer"], mine["changed_since"]) == ("approved", ["What surprised us"])


def test_who_was_not_asked_does_not_answer_nor_send(draft: Postmortem) -> None:
    circulating.send(draft, reviewers=[make.person()], by=draft.author, now=review.LATER)
    for person in (make.person(role="viewer"), make.person()):
        seen = api(person).get(at(draft)).json()["seen"]
        refused = api(person).post(at(draft, "review/answer/"), {"answer": "approved", "seen": seen})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_asked")
    viewer = api(make.person(role="viewer"))
    assert viewer.post(at(draft, "review/take-back/"), {"reason": "x"}).status_code == 403
