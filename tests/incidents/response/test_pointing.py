"""What a finding points at: kept without words, shown as whoever reads may see it, and honest about what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from incidents.alerts.models import Alert
from incidents.response import confiding, evidence, findings, noting
from incidents.response.models import Attachment, FailureMode, Finding, Incident, TimelineRow
from incidents.response.queries import exhibits
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.response import files
from web.errors import ConstraintBroken, Invalid
from web.references import Shown

pytestmark = pytest.mark.django_db
RETRIES = "integration.retry_amplification"


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident(by=maya)


def pointing(incident: Incident, *links: dict[str, str], by: Person | None = None) -> Finding:
    return make.finding(incident, links=list(links), by=by)


def shown(finding: Finding, viewer: Person) -> list[Shown]:
    (one,) = exhibits.of([finding], viewer, number=finding.incident_id)
    return list(one.links)


def note(incident: Incident, text: str, by: Person) -> TimelineRow:
    return noting.note(incident, text=text, by=by, now=NOON)


def link(kind: str, number: object) -> dict[str, str]:
    return {"kind": kind, "id": str(number)}


# ---- shape ----


def test_links_are_kept_once_in_their_shape() -> None:
    given = [
        {"kind": "row", "id": 7, "label": "not kept"},
        {"kind": "row", "id": "7"},
        {"kind": "url", "url": " https://grafana.example.org/d/1 ", "label": " p99  of it "},
    ]
    assert evidence.clean(given) == [
        {"kind": "row", "id": "7"},
        {"kind": "url", "url": "https://grafana.example.org/d/1", "label": "p99 of it"},
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "url", "url": "javascript:alert(1)"},
        {"kind": "url", "url": "ftp://example.org/x"},
        {"kind": "url", "url": "grafana.example.org"},
        {"kind": "url", "url": ""},
        {"kind": "url", "url": "https://example.org/><script>"},
        {"kind": "url", "url": "https://example.org/" + "x" * 500},
        {"kind": "row"},
        {"kind": "", "id": "1"},
        {"kind": "<b>", "id": "1"},
    ],
)
def test_other_shapes_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        evidence.clean([wrong])


def test_not_more_than_one_can_read() -> None:
    with pytest.raises(Invalid):
        evidence.clean([link("row", number) for number in range(evidence.MOST + 1)])


def test_a_link_alone_is_evidence_and_nothing_is_none(incident: Incident, maya: Person) -> None:
    mode = FailureMode.objects.get(code=RETRIES)
    said = {"mode": mode, "state": "reviewed", "by": maya, "now": NOON}
    assert findings.record(incident, links=[link("row", 1)], **said).is_shown
    with pytest.raises(ConstraintBroken) as refused:
        findings.record(incident, evidence=" ", **said)
    assert refused.value.code == "evidence_missing"


def test_a_revision_carries_the_links_and_the_old_version_keeps_its_own(incident: Incident, maya: Person) -> None:
    old = pointing(incident, link("row", 1))
    carried = findings.revise(old, role="trigger", by=maya, now=NOON)
    changed = findings.revise(carried, links=[link("row", 2)], by=maya, now=NOON)
    assert [Finding.objects.get(pk=one.pk).links for one in (old, carried, changed)] == [
        [link("row", 1)], [link("row", 1)], [link("row", 2)],
    ]  # fmt: skip


# ---- rows and files ----


def test_a_row_leads_to_its_page_in_its_latest_words(incident: Incident, maya: Person) -> None:
    row = note(incident, "p99 is 4 s", maya)
    (one,) = shown(pointing(incident, link("row", row.pk)), maya)
    assert (one.kind, one.url) == ("Timeline row", f"/incidents/{incident.pk}/timeline/{row.pk}/")
    assert one.label == "20 Nov 12:00 UTC, p99 is 4 s"


def test_a_row_that_was_taken_back_says_so_and_not_what_it_said(incident: Incident, maya: Person) -> None:
    row = note(incident, "customer 4711 complained", maya)
    finding = pointing(incident, link("row", row.pk))
    noting.take_back(row, seen=row.version, why="Names a customer.", by=maya, now=NOON)
    (one,) = shown(finding, maya)
    assert (one.label, one.lost) == ("Timeline row", "taken back since")


def test_a_row_of_a_private_incident_is_nobodys_to_read(incident: Incident, maya: Person) -> None:
    hidden = make.incident(by=maya)
    row = note(hidden, "Zanzibar", maya)
    confiding.make_private(hidden, reason="x", by=maya, now=NOON)
    finding = pointing(incident, link("row", row.pk))
    (mine,), (theirs,) = shown(finding, maya), shown(finding, make.person())
    assert mine.label == f"{hidden.ref}, 20 Nov 12:00 UTC, Zanzibar"
    assert (theirs.label, theirs.url, theirs.lost) == ("Timeline row", "", "gone, or not yours to see")


def test_a_file_leads_to_it_until_it_is_removed(incident: Incident, maya: Person) -> None:
    noting.note(incident, text="graph", files=[files.upload("latency.png")], by=maya, now=NOON)
    file = Attachment.objects.get()
    finding = pointing(incident, link("file", file.pk))
    (one,) = shown(finding, maya)
    assert (one.label, one.url) == ("latency.png", f"/incidents/{incident.pk}/files/{file.pk}/")
    Attachment.objects.update(removed_at=NOON, removed_by=maya, removed_why="x")
    (one,) = shown(finding, maya)
    assert (one.label, one.url, one.lost) == ("File", "", "removed since")


# ---- alerts, changes, addresses, what nobody knows ----


def test_an_alert_that_was_moved_says_where_to_and_a_strangers_is_not_named(maya: Person) -> None:
    am.send(am.source("Cluster A"), am.alert("Slow", summary="Slow answers"))
    alert, there = Alert.objects.get(), Incident.objects.get()
    finding = pointing(there, link("alert", alert.pk))
    (one,) = shown(finding, maya)
    assert (one.label, one.url) == ("Slow answers (Cluster A)", f"/incidents/{there.pk}/#alert-{alert.pk}")
    other = make.incident(by=maya)
    Alert.objects.update(incident=other)
    (moved,) = shown(finding, maya)
    assert moved.lost == f"moved to {other.ref}"
    confiding.make_private(other, reason="x", by=maya, now=NOON)
    (theirs,) = shown(finding, make.person())
    assert (theirs.label, theirs.lost) == ("Alert", "gone, or not yours to see")


def test_a_change_is_shown_as_it_stands(incident: Incident, maya: Person) -> None:
    change = am.change("Index v12", of=make.component("Index"))
    (one,) = shown(pointing(incident, link("change", change.line)), maya)
    assert (one.label, one.url) == ("Index v12, Index", change.get_absolute_url())


@pytest.mark.parametrize(
    "wrong", [("row", "x"), ("row", "9" * 25), ("alert", "0"), ("change", "no-uuid"), ("file", "-1")]
)
def test_what_is_not_there_is_told_and_breaks_nothing(incident: Incident, maya: Person, wrong: tuple[str, str]) -> None:
    (one,) = shown(pointing(incident, link(*wrong)), maya)
    assert (one.url, one.lost) == ("", "gone, or not yours to see")


def test_a_kind_that_nobody_knows_is_told(incident: Incident, maya: Person) -> None:
    (one,) = shown(pointing(incident, link("telepathy", 3)), maya)
    assert (one.label, one.lost) == ("telepathy 3", "not known here")


def test_the_page_of_the_incident_shows_them(incident: Incident, maya: Person) -> None:
    address = {"kind": "url", "url": "https://grafana.example.org/d/1", "label": "p99 <b>"}
    pointing(incident, link("row", note(incident, "p99 is 4 s", maya).pk), address)
    browser = Client()
    browser.force_login(maya)
    page = browser.get(f"/incidents/{incident.pk}/").content.decode()
    assert '<a href="https://grafana.example.org/d/1" rel="noopener noreferrer nofollow">p99 &lt;b&gt;</a>' in page
    assert "12:00 UTC, p99 is 4 s</a>" in page


# ---- API ----


def test_the_api_takes_links_and_refuses_what_one_does_not_see(incident: Incident, maya: Person) -> None:
    hidden = make.incident(by=(other := make.person()), private=True)
    secret = note(hidden, "Zanzibar", other)
    row = note(incident, "p99 is 4 s", maya)
    api = APIClient()
    api.force_authenticate(maya)
    said = {"incident": incident.pk, "layer": "data"}
    made = api.post("/api/v1/findings/", {**said, "links": [link("row", row.pk)]}, format="json")
    assert (made.status_code, made.json()["links"]) == (201, [link("row", row.pk)])
    for wrong in ([link("row", secret.pk)], [link("telepathy", 1)], [{"kind": "url", "url": "javascript:x"}], "x"):
        answer = api.post("/api/v1/findings/", {**said, "links": wrong}, format="json")
        assert answer.status_code == 422, wrong
        assert "Zanzibar" not in answer.content.decode()
    assert Finding.objects.count() == 1


def test_the_api_tells_no_id_of_what_one_does_not_see(incident: Incident, maya: Person) -> None:
    hidden = make.incident(by=maya, private=True)
    secret, row = note(hidden, "Zanzibar", maya), note(incident, "p99 is 4 s", maya)
    address = {"kind": "url", "url": "https://example.org/d/1", "label": "p99"}
    kept = [link("row", secret.pk), link("row", row.pk), address, link("row", 10**9)]
    finding = pointing(incident, *kept, by=maya)
    gone = {"kind": "row", "lost": "gone, or not yours to see"}
    for path in ("/api/v1/findings/", f"/api/v1/findings/{finding.pk}/"):
        for viewer, first in ((maya, kept[0]), (make.person(), gone)):
            api = APIClient()
            api.force_authenticate(viewer)
            body = api.get(path).json()
            (told,) = body.get("results", [body])
            assert told["links"] == [first, *kept[1:3], gone], (path, viewer)


def test_the_api_tells_of_what_was_merged_into_the_incident(incident: Incident, maya: Person) -> None:
    other = make.incident(by=maya, private=True)
    row = note(other, "p99 is 4 s", maya)
    Incident.objects.filter(pk=other.pk).update(merged_into=incident)
    pointing(incident, link("row", row.pk), by=maya)
    api = APIClient()
    api.force_authenticate(make.person())
    (told,) = api.get("/api/v1/findings/").json()["results"]
    assert told["links"] == [link("row", row.pk)]


@pytest.mark.parametrize("items", [1, 5])
def test_a_list_of_findings_looks_its_links_up_at_once(
    django_assert_num_queries: Any, maya: Person, items: int
) -> None:
    for _ in range(items):
        one = make.incident(by=maya)
        pointing(one, link("row", note(one, "p99 is 4 s", maya).pk), by=maya)
    api = APIClient()
    api.force_authenticate(maya)
    with django_assert_num_queries(4):  # the findings; of the rows: themselves, what was merged, whose they are
        assert len(api.get("/api/v1/findings/").json()["results"]) == items
