"""What people do with findings and actions on the page, with and without htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.postmortems.models import Action, NoActionReason, Postmortem
from incidents.response.models import Finding, Incident
from ownership.models import Dependency, Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.visits import PLAIN, after, htmx, signed_in, state, url

pytestmark = pytest.mark.django_db

FINDING = {
    "mode": "data.schema_drift",
    "where": "",
    "role": "cause",
    "confidence": "confirmed",
    "evidence": "diff of v118",
}


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    return review.draft(by=maya, service=make.service("Support answers", owner=make.person("Priya Nair")))


# ---- findings ----


def test_the_first_finding_begins_with_what_the_alerts_suggest(responder: Client, maya: Person) -> None:
    draft = review.draft(by=maya, mode=None)  # resolved as "not known"
    Incident.objects.update(suggested_layer="data", suggestion={"layer": "data", "mode": "data.schema_drift"})

    def begins_with() -> str:
        return str(responder.get(url(draft, "findings/new/")).context["finding_form"]["mode"].value() or "")

    assert begins_with() == "data.schema_drift"
    make.finding(draft.incident, "latency.cold_start")
    assert begins_with() == ""


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_adding_a_finding(responder: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    service = draft.incident.service
    retriever = make.component("Retriever", of=service)
    seam = Dependency.objects.create(upstream=retriever, downstream=make.component("Fallback", of=service))
    opened = responder.get(url(draft, "findings/new/"), headers=headers).content.decode()
    assert "Retriever → Fallback" in opened
    assert '<optgroup label="Parts of Support answers">' in opened
    answer = responder.post(
        url(draft, "findings/new/"), {**FINDING, "where": f"seam:{seam.pk}", "primary": "on"}, headers=headers
    )
    made = Finding.objects.get(mode_id="data.schema_drift", superseded_at=None)
    assert (made.layer, made.dependency, made.state, made.primary) == ("data", seam, "reviewed", True)
    after(answer, draft, "findings", headers)


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
@pytest.mark.parametrize("missing", ["mode", "evidence"])
def test_a_finding_without_mode_or_evidence_is_refused_and_the_text_kept(
    responder: Client, draft: Postmortem, headers: dict[str, str], missing: str
) -> None:
    before = state(draft)
    answer = responder.post(
        url(draft, "findings/new/"), {**FINDING, "evidence": "kept words", missing: " "}, headers=headers
    )
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert ("kept words" in shown) == (missing == "mode")
    assert 'aria-invalid="true"' in shown
    assert ("<html" in shown) == (headers == PLAIN)
    assert state(draft) == before


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
@pytest.mark.parametrize("act", ["confirm", "primary", "withdraw"])
def test_one_click_on_a_finding(responder: Client, draft: Postmortem, headers: dict[str, str], act: str) -> None:
    line = review.finding(draft, "data.schema_drift").line if act == "primary" else review.standing(draft)[0].line
    answer = responder.post(url(draft, f"findings/{line}/{act}/"), headers=headers)
    found = Finding.objects.filter(line=line, superseded_at=None).first()
    assert {
        "confirm": lambda: found and found.state == "reviewed",
        "primary": lambda: found and found.primary,
        "withdraw": lambda: found is None,
    }[act]()
    after(answer, draft, "findings", headers)


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_confirming_what_lacks_evidence_opens_the_form(
    responder: Client, maya: Person, headers: dict[str, str]
) -> None:
    postmortem = review.draft(by=maya, mode=None)
    finding = make.finding(postmortem.incident, by=maya)
    answer = responder.post(url(postmortem, f"findings/{finding.line}/confirm/"), headers=headers)
    assert answer.status_code == 422
    assert "what shows it?" in answer.content.decode()
    assert Finding.objects.get().state == "provisional"


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_editing_a_finding_reviews_it(responder: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    (finding,) = review.standing(draft)
    address = url(draft, f"findings/{finding.line}/")
    assert f'value="{finding.pk}"' in responder.get(address, headers=headers).content.decode()
    component = make.component("Elsewhere")
    sent = {**FINDING, "seen": finding.pk, "where": f"component:{component.pk}", "primary": "on"}
    after(responder.post(address, sent, headers=headers), draft, "findings", headers)
    (kept,) = review.standing(draft)
    assert (kept.line, kept.mode_id, kept.component, kept.state) == (
        finding.line, "data.schema_drift", component, "reviewed",
    )  # fmt: skip


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_editing_what_somebody_changed_meanwhile_keeps_the_text(
    responder: Client, draft: Postmortem, headers: dict[str, str]
) -> None:
    (old,) = review.standing(draft)
    signed_in(make.person()).post(url(draft, f"findings/{old.line}/confirm/"))
    before = state(draft)
    answer = responder.post(url(draft, f"findings/{old.line}/"), {**FINDING, "seen": old.pk}, headers=headers)
    assert answer.status_code == 409
    assert "Somebody changed this finding meanwhile" in answer.content.decode()
    assert "diff of v118" in answer.content.decode()
    assert state(draft) == before


# ---- actions ----


@pytest.mark.parametrize("headers", [PLAIN, htmx("actions")])
def test_adding_an_action_owned_by_who_answers(responder: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    (finding,) = review.standing(draft)
    priya = Person.objects.get(name="Priya Nair")
    address = url(draft, "actions/new/")
    opened = responder.get(f"{address}?finding={finding.line}", headers=headers).content.decode()
    assert f'<option value="person:{priya.pk}" selected>' in opened
    assert f'<option value="{finding.line}" selected>' in opened
    sent = {
        "title": "One retrying layer", "kind": "back_pressure", "priority": "high", "owner": f"person:{priya.pk}",
        "finding": str(finding.line), "due_on": "2026-12-24", "done_when": "attempts stay under 3",
    }  # fmt: skip
    after(responder.post(address, sent, headers=headers), draft, "actions", headers)
    made = Action.objects.get()
    assert (made.owner, made.finding_line, str(made.due_on)) == (priya, finding.line, "2026-12-24")


@pytest.mark.parametrize("headers", [PLAIN, htmx("actions")])
@pytest.mark.parametrize(("field", "value"), [("title", " "), ("due_on", "soon"), ("owner", "person:0"), ("kind", "x")])
def test_an_action_that_cannot_be_used_is_refused_and_kept(
    responder: Client, draft: Postmortem, headers: dict[str, str], field: str, value: str
) -> None:
    before = state(draft)
    sent = {"title": "Cap it", "kind": "other", "priority": "low", "done_when": "kept words", field: value}
    answer = responder.post(url(draft, "actions/new/"), sent, headers=headers)
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    assert state(draft) == before


@pytest.mark.parametrize("headers", [PLAIN, htmx("actions")])
def test_editing_marking_and_removing_an_action(responder: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    team = make.team("Answers team")
    action = review.action(draft)
    at = url(draft, f"actions/{action.pk}/")
    sent = {"title": "Cap all", "kind": "monitor", "priority": "high", "owner": f"team:{team.pk}"}
    after(responder.post(at, sent, headers=headers), draft, "actions", headers)
    kept = Action.objects.get()
    assert (kept.title, kept.owner, kept.owner_team, kept.due_on) == ("Cap all", None, team, None)
    for step, standing in (("done", "done"), ("undone", "open")):
        answer = responder.post(f"/actions/{action.pk}/{step}/", headers=headers)
        assert Action.objects.get().state == standing
        if headers:
            after(answer, draft, "actions", headers)
        else:
            assert answer["Location"] == f"{url(draft)}#action-{action.pk}"
    assert responder.post(f"{at}remove/", headers=headers).status_code == 409  # what happened to it stays
    other = review.action(draft, "Another")
    after(responder.post(url(draft, f"actions/{other.pk}/remove/"), headers=headers), draft, "actions", headers)
    assert Action.objects.get() == kept


@pytest.mark.parametrize(("priority", "weeks"), [("high", 4), ("normal", 8), ("low", None)])
def test_without_a_day_a_new_action_is_due_when_its_priority_promises(
    responder: Client, draft: Postmortem, priority: str, weeks: int | None
) -> None:
    responder.post(url(draft, "actions/new/"), {"title": "Cap it", "kind": "other", "priority": priority})
    promised = timezone.localdate() + timedelta(weeks=weeks) if weeks else None
    assert Action.objects.get().due_on == promised


def test_an_owner_who_left_stays_a_choice_for_their_action(responder: Client, draft: Postmortem) -> None:
    gone = make.person("Gone Person")
    action = review.action(draft, owner=gone)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    assert "Gone Person (left)" in responder.get(url(draft, f"actions/{action.pk}/")).content.decode()
    assert "Gone Person" not in responder.get(url(draft, "actions/new/")).context["action_form"].as_p()


def test_done_goes_on_after_publishing(responder: Client, maya: Person) -> None:
    review.published(by=maya)
    action = Action.objects.get()
    assert responder.post(f"/actions/{action.pk}/done/").status_code == 302
    assert Action.objects.get().done_by == maya


@pytest.mark.parametrize("headers", [PLAIN, htmx("actions")])
def test_a_reason_for_no_action(responder: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    (finding,) = review.standing(draft)
    address = url(draft, f"findings/{finding.line}/no-action/")
    before = state(draft)
    refused = responder.post(address, {"reason": " "}, headers=headers)
    assert refused.status_code == 422
    assert "Say why nothing will be done about it." in refused.content.decode()
    assert state(draft) == before
    after(responder.post(address, {"reason": "The vendor fixed it."}, headers=headers), draft, "actions", headers)
    assert NoActionReason.objects.get().finding_line == finding.line
    assert "no action, because The vendor fixed it." in responder.get(url(draft)).content.decode()
