"""What shows a finding, in its form and on the page; a provisional one replaced."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts.models import Alert
from incidents.postmortems import acting, reviewing
from incidents.postmortems.exporting import collecting, markdown
from incidents.postmortems.exporting.source import Source
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Block
from incidents.postmortems.vocabulary import BlockKind
from incidents.response import noting, pinning
from incidents.response.findings import FindingChanged
from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from incidents.response.vocabulary import CONFIDENCE_HELP, ROLE_HELP, Confidence, FindingRole
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER, RETRIES
from tests.incidents.postmortems.visits import after, htmx, signed_in, url

pytestmark = pytest.mark.django_db
SAID = {"mode": "data.schema_drift", "where": "", "role": "cause", "confidence": "confirmed", "evidence": ""}


def note(draft: Postmortem, text: str = "p99 is 4 s") -> TimelineRow:
    return noting.note(draft.incident, text=text, by=draft.author, now=NOON)


def newest() -> Finding:
    return Finding.objects.filter(superseded_at=None).latest("pk")


# ---- the form ----


def test_every_role_and_confidence_is_explained(responder: Client, draft: Postmortem) -> None:
    assert set(ROLE_HELP) == set(FindingRole)
    assert set(CONFIDENCE_HELP) == set(Confidence)
    shown = responder.get(url(draft, "findings/new/")).content.decode()
    for words in (*ROLE_HELP.values(), *CONFIDENCE_HELP.values()):
        assert words in shown


def test_it_points_at_what_is_ticked_and_at_addresses(responder: Client, draft: Postmortem) -> None:
    row = note(draft)
    addresses = "https://grafana.example.org/d/1 p99 of it\nhttps://example.org/trace"
    said = {**SAID, "links": [f"row:{row.pk}"], "addresses": addresses}
    assert responder.post(url(draft, "findings/new/"), said).status_code == 302
    assert newest().links == [
        {"kind": "row", "id": str(row.pk)},
        {"kind": "url", "url": "https://grafana.example.org/d/1", "label": "p99 of it"},
        {"kind": "url", "url": "https://example.org/trace", "label": ""},
    ]
    shown = responder.get(url(draft)).content.decode()
    assert "p99 of it</a>" in shown
    assert "https://example.org/trace</a>" in shown


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "what shows it?"),
        ({"addresses": "p99 https://example.org"}, "Begin with a whole address"),
        ({"addresses": "javascript:alert(1) x"}, "Begin with a whole address"),
        ({"links": ["row:999999"]}, "no longer there, or not yours to see"),
    ],
)
def test_what_it_cannot_point_at_is_refused_with_the_text_kept(
    responder: Client, draft: Postmortem, wrong: dict[str, Any], words: str
) -> None:
    said = {**SAID, "evidence": "diff of v118" if wrong else "", **wrong}
    answer = responder.post(url(draft, "findings/new/"), said)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert said["evidence"] in shown
    assert len(review.standing(draft)) == 1


def test_a_row_of_another_incident_is_not_offered_by_its_number(responder: Client, draft: Postmortem) -> None:
    hidden = make.incident(by=(other := make.person()), private=True)
    row = noting.note(hidden, text="Zanzibar", by=other, now=NOON)
    shown = responder.get(url(draft, f"findings/new/?use=row:{row.pk}")).content.decode()
    assert "Zanzibar" not in shown
    assert f'value="row:{row.pk}"' not in shown


def test_from_the_timeline_a_row_comes_ticked(responder: Client, draft: Postmortem) -> None:
    (row, *_) = TimelineRow.objects.filter(incident=draft.incident_id, kind="declared")
    page = responder.get(f"/incidents/{draft.incident_id}/").content.decode()
    way = url(draft, f"findings/new/?use=row:{row.pk}")
    assert f'href="{way}"' in page
    shown = " ".join(responder.get(way).content.decode().split())
    assert re.search(rf'value="row:{row.pk}"[^>]* checked', shown)
    assert not re.search(rf'value="row:(?!{row.pk}")[^>]* checked', shown)
    viewer = signed_in(make.person(role="viewer"))
    assert "Use as evidence" not in viewer.get(f"/incidents/{draft.incident_id}/").content.decode()


def test_what_is_pinned_is_offered_and_noise_is_not(responder: Client, draft: Postmortem) -> None:
    rows = TimelineRow.objects.filter(incident=draft.incident_id)
    pinned = rows.get(kind="resolved")
    shown = responder.get(url(draft, "findings/new/")).content.decode()
    assert f'value="row:{pinned.pk}"' not in shown
    pinning.pin(pinned, by=draft.author, now=NOON)
    assert f'value="row:{pinned.pk}"' in responder.get(url(draft, "findings/new/")).content.decode()


def test_editing_shows_what_it_points_at_and_keeps_what_is_gone(responder: Client, draft: Postmortem) -> None:
    gone = {"kind": "alert", "id": "999999"}
    here = {"kind": "url", "url": "https://example.org/trace", "label": "trace"}
    finding = review.finding(draft, links=[gone, here])
    shown = responder.get(url(draft, f"findings/{finding.line}/")).content.decode()
    assert "https://example.org/trace trace" in shown
    said = {**SAID, "seen": finding.pk, "links": ["alert:999999"], "addresses": "https://example.org/trace trace"}
    assert responder.post(url(draft, f"findings/{finding.line}/"), said).status_code == 302
    assert newest().links == [gone, here]


def test_the_form_costs_the_same_for_many_alerts_and_rows(responder: Client) -> None:
    am.send(am.source(), am.alert("A0", service="x"))
    draft = review.draft(incident=Incident.objects.get())
    responder.get(url(draft, "findings/new/"))
    with CaptureQueriesContext(connection) as few:
        responder.get(url(draft, "findings/new/"))
    for number in range(1, 9):
        am.send(am.source(), am.alert(f"A{number}", service="x"))
        note(draft, f"note {number}")
    Alert.objects.update(incident=draft.incident_id)
    with CaptureQueriesContext(connection) as many:
        responder.get(url(draft, "findings/new/"))
    assert len(many) == len(few)


# ---- replacing ----


def mode(code: str = "latency.no_back_pressure") -> FailureMode:
    return FailureMode.objects.get(code=code)


def test_replacing_withdraws_one_and_adds_another_that_takes_over(maya: Person, draft: Postmortem) -> None:
    (old,) = review.standing(draft)
    action = review.action(draft, finding_line=old.line)
    new = reviewing.replace(draft, old, seen=old.pk, mode=mode(), evidence="graph", by=maya, now=LATER)
    (standing,) = review.standing(draft)
    assert (standing.pk, standing.primary, standing.state) == (new.pk, True, "reviewed")
    assert new.line != old.line
    old.refresh_from_db()
    action.refresh_from_db()
    assert (old.superseded_at, old.mode_id, action.finding_line) == (LATER, RETRIES, new.line)
    told = TimelineRow.objects.filter(incident=draft.incident_id, kind="finding").order_by("-pk")[:2]
    assert {row.why for row in told} == {"replaces retry amplification", f"replaced by {mode().name}"}


def test_replacing_keeps_the_reason_for_no_action(maya: Person, draft: Postmortem) -> None:
    (old,) = review.standing(draft)
    acting.give_reason(draft, finding_line=old.line, reason="The vendor mends it.", by=maya, now=LATER)
    new = reviewing.replace(draft, old, seen=old.pk, mode=mode(), evidence="graph", by=maya, now=LATER)
    shown = reviews.of(Postmortem.objects.select_related("incident", "template").get(pk=draft.pk))
    assert [(one.line, why.reason) for one, why in shown.left_alone] == [(new.line, "The vendor mends it.")]
    assert not shown.unanswered


def test_replacing_what_somebody_else_changed_is_refused(maya: Person, draft: Postmortem) -> None:
    (old,) = review.standing(draft)
    current = reviewing.confirm(draft, old, by=maya, now=LATER)
    with pytest.raises(FindingChanged):
        reviewing.replace(draft, current, seen=old.pk, mode=mode(), evidence="graph", by=maya, now=LATER)
    assert [one.pk for one in review.standing(draft)] == [current.pk]


@pytest.mark.parametrize("headers", [{}, htmx("findings")])
def test_a_provisional_finding_is_replaced_on_the_page(
    responder: Client, draft: Postmortem, headers: dict[str, str]
) -> None:
    (old,) = review.standing(draft)
    way = url(draft, f"findings/{old.line}/replace/")
    assert way in responder.get(url(draft)).content.decode()
    shown = responder.get(way, headers=headers).content.decode()
    assert "In the place of retry amplification" in shown
    assert f'value="{old.pk}"' in shown
    assert responder.post(way, {**SAID, "seen": old.pk}, headers=headers).status_code == 422
    stale = responder.post(way, {**SAID, "seen": old.pk + 1, "evidence": "diff"}, headers=headers)
    assert stale.status_code == 409
    assert "diff" in stale.content.decode()
    after(
        responder.post(way, {**SAID, "seen": old.pk, "evidence": "diff"}, headers=headers), draft, "findings", headers
    )
    assert newest().mode_id == "data.schema_drift"


# ---- first blame beside found ----


@pytest.mark.parametrize(
    ("blamed", "words"),
    [
        ("model", "What was blamed first was not found."),
        ("integration", "The first blame held."),
        ("latency", "What was blamed first was found too, not first."),
        ("", "Nobody was asked, or nobody named a layer"),
    ],
)
def test_first_blame_says_how_it_came_out(responder: Client, maya: Person, blamed: str, words: str) -> None:
    draft = review.draft(by=maya, **({"first_blame": blamed} if blamed else {}))
    review.finding(draft, "latency.no_back_pressure")
    shown = " ".join(responder.get(url(draft)).content.decode().split())
    assert words in shown
    assert "Found besides:" in shown


def test_an_answer_of_not_known_yet_is_told_as_that(responder: Client, maya: Person) -> None:
    draft = review.draft(by=maya, first_blame="unknown")
    assert "“not known yet”, said" in responder.get(url(draft)).content.decode()


# ---- thirty findings ----


def test_thirty_findings_cost_what_seven_do(responder: Client, draft: Postmortem) -> None:
    row = note(draft)
    codes = FailureMode.objects.order_by("code").values_list("layer", "code")
    first = dict(reversed(codes))  # one of each layer: a layer asks for more than a finding does
    modes = [*first.values(), *(code for _, code in codes if code not in first.values())][:30]

    def add(codes: list[str]) -> None:
        for code in codes:
            links = [{"kind": "row", "id": str(row.pk)}, {"kind": "alert", "id": "1"}]
            review.finding(draft, code, links=links, component=make.component())

    def cost() -> int:
        responder.get(url(draft))
        with CaptureQueriesContext(connection) as queries:
            responder.get(url(draft))
        return len(queries)

    add(modes[: len(first)])
    few = cost()
    add(modes[len(first) :])
    assert cost() == few


def test_an_export_says_what_shows_each_finding_as_its_reader_may_see_it(draft: Postmortem) -> None:
    hidden = noting.note(make.incident(by=draft.author, private=True), text="Zanzibar", by=draft.author, now=NOON)
    address = {"kind": "url", "url": "https://example.org/d/1", "label": "p99 of *it*"}
    rows = [{"kind": "row", "id": str(one.pk)} for one in (note(draft), hidden)]
    review.finding(draft, "data.schema_drift", links=[*rows, address])
    source = Source(reviews.of(draft), make.person(role="viewer"), LATER)
    block = collecting.block(Block(BlockKind.FINDINGS), source)
    text = "\n".join(markdown.WRITERS[BlockKind.FINDINGS](block))
    assert f"/incidents/{draft.incident_id}/timeline/{rows[0]['id']}/>" in text
    assert r"- **Link**: p99 of \*it\* <https://example.org/d/1>" in text
    assert "- **Timeline row**: Timeline row (gone, or not yours to see)" in text
    assert "Zanzibar" not in text
