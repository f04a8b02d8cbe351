"""The search page, the box, and who finds what."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts import changing
from incidents.postmortems import drafting
from incidents.response import confiding, findings, lifecycle, noting, timeline
from incidents.response.models import Incident
from ownership.models import Alias, Person
from tests import factories as make
from tests.factories import NOON
from web.search import finding

pytestmark = pytest.mark.django_db

SUGGEST = {"HX-Request": "true", "HX-Target": "suggestions"}
QUERIES = 29


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def client(maya: Person) -> Client:
    signed_in = Client()
    signed_in.force_login(maya)
    return signed_in


def groups(client: Client, query: str, **more: object) -> dict[str, list[str]]:
    """Which titles were found, by kind."""
    answer = client.get("/search/", {"q": query, **more}).context["answer"]
    return {
        group.searcher.code: ["".join(piece.text for piece in hit.title) for hit in group.found.hits]
        for group in answer.groups
    }


def of_each_kind(word: str, by: Person) -> Incident:
    """Something of every kind that holds this word."""
    place = Incident.objects.count()
    service = make.service(f"{word} service {place}", owner=by)
    make.component(f"{word} component {place}", of=service)
    incident = make.incident(f"{word} incident", by=by, service=service)
    timeline.add(incident, "note", at=NOON, now=NOON, by=by, text=f"a {word} note")
    findings.record(incident, mode=None, layer="data", evidence=f"{word} evidence", by=by, now=NOON)
    lifecycle.resolve(incident, at=NOON, by=by, now=NOON)
    postmortem = drafting.start(incident, by=by, now=NOON)
    section = postmortem.sections.first()
    drafting.save_section(section, text=f"we saw {word} twice", on_revision=section.revision, by=by, now=NOON)
    return incident


def test_every_kind_is_found(client: Client, maya: Person) -> None:
    of_each_kind("zebrafish", maya)
    found = groups(client, "zebrafish")
    assert list(found) == ["incidents", "services", "components", "postmortems", "timelines", "findings"]
    assert found["incidents"] == ["zebrafish incident"]
    page = client.get("/search/?q=zebrafish+note").content.decode()
    assert "a <mark>zebrafish</mark> <mark>note</mark>" in page
    page = client.get("/search/?q=zebrafish+twice").content.decode()
    assert "we saw <mark>zebrafish</mark> <mark>twice</mark>" in page


def test_what_users_see_is_searched_too(client: Client) -> None:
    make.incident("Wrong answers", impact="Customers read about wombats instead.")
    assert groups(client, "wombat") == {"incidents": ["Wrong answers"]}


def test_hostile_text_stays_text(client: Client, maya: Person) -> None:
    hostile = "<script>alert(1)</script> \x1ewombat\x1f <mark>no</mark> &amp; <b>bold</b> \"quoted\" 'single'"
    incident = make.incident(hostile, by=maya)
    timeline.add(incident, "note", at=NOON, now=NOON, by=maya, text=hostile)
    for headers in ({}, SUGGEST):
        page = client.get("/search/", {"q": "wombat script"}, headers=headers).content.decode()
        assert "<script>alert" not in page
        assert "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;" in page
        assert "<mark>wombat</mark> &lt;mark&gt;no&lt;/mark&gt; &amp;amp;" in page
        assert "<mark>no</mark>" not in page


def test_a_hostile_query_is_shown_as_text(client: Client) -> None:
    page = client.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert "Nothing found" in page


@pytest.mark.parametrize("said", ["INC-{}", "inc-{}", "inc {}", "#{}", "{}", " INC{} "])
def test_a_number_leads_straight_there(client: Client, said: str) -> None:
    incident = make.incident()
    answer = client.get("/search/", {"q": said.format(incident.pk)})
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/")


def test_a_number_of_nothing_is_a_word(client: Client) -> None:
    make.incident("Status 503 for everybody")
    assert groups(client, "503") == {"incidents": ["Status 503 for everybody"]}
    assert client.get("/search/", {"q": "INC-999999999999999999999"}).status_code == 200


def test_in_quotes_a_number_is_a_word(client: Client) -> None:
    incident = make.incident("one")
    make.incident(f"Status {incident.pk} for everybody")
    assert groups(client, f'"{incident.pk}"') == {"incidents": [f"Status {incident.pk} for everybody"]}


def test_while_typing_a_number_is_offered(client: Client) -> None:
    incident = make.incident("Slow answers")
    page = client.get("/search/", {"q": incident.ref}, headers=SUGGEST)
    assert page.status_code == 200
    assert f'href="/incidents/{incident.pk}/"' in page.content.decode()


def test_the_catalogue_is_found_by_how_names_begin(client: Client) -> None:
    service = make.service("Support answers")
    make.service("Answers for support staff")
    retriever = make.component("Retriever", of=service)
    Alias.objects.create(component=retriever, system="job", key="Prod-Search-7")
    assert groups(client, "support-ans")["services"] == ["Support answers"]
    for called in ("prod-sea", "job=prod-search", "JOB=PROD"):
        assert groups(client, called)["components"] == ["Retriever"]
    assert "known as job=Prod-Search-7" in client.get("/search/?q=prod-sea").content.decode()
    assert groups(client, "queue=prod-search").get("components") is None


def test_names_that_begin_so_come_first_and_retired_ones_last(client: Client) -> None:
    make.service("Fraud score", retired_at=NOON)
    make.service("Payments", outcome="No fraud goes through.")
    make.service("Fraud reviews")
    assert groups(client, "fraud")["services"] == ["Fraud reviews", "Payments", "Fraud score"]


def test_the_names_of_alerts_are_found_and_their_ends_are_not(client: Client) -> None:
    incident = make.incident()
    timeline.add(incident, "alert_firing", at=NOON, now=NOON, text="KafkaConsumerLag on orders")
    timeline.add(incident, "alert_resolved", at=NOON, now=NOON, text="KafkaConsumerLag on orders")
    found = client.get("/search/?q=kafkaconsumerlag").context["answer"].groups
    assert [(group.searcher.code, group.found.count) for group in found] == [("timelines", 1)]


def test_a_finding_counts_as_it_stands(client: Client, maya: Person) -> None:
    incident = make.incident(by=maya)
    finding = findings.record(incident, mode=None, layer="data", evidence="the wombat log", by=maya, now=NOON)
    findings.withdraw(finding, by=maya, now=NOON)
    assert "findings" not in groups(client, "wombat")


def test_a_hundred_and_more(client: Client, maya: Person) -> None:
    Incident.objects.bulk_create([Incident(title=f"wombat {n}", declared_via="hand") for n in range(103)])
    (group,) = client.get("/search/?q=wombat").context["answer"].groups
    assert (group.count, len(group.found.hits)) == ("100+", 5)
    seen: list[str] = []
    page = "/search/?q=wombat&kind=incidents"
    while page:
        (group,) = client.get(page).context["answer"].groups
        seen += ["".join(piece.text for piece in hit.title) for hit in group.found.hits]
        after = group.found.following
        page = f"/search/?q=wombat&kind=incidents&after={after}" if after else ""
    assert seen == [f"wombat {n}" for n in reversed(range(103))]


def test_the_catalogue_goes_on_as_well(client: Client) -> None:
    for n in range(30):
        make.service(f"wombat {n:02}")
    (first,) = client.get("/search/?q=wombat&kind=services").context["answer"].groups
    (second,) = client.get(f"/search/?q=wombat&kind=services&after={first.found.following}").context["answer"].groups
    assert (first.count, len(first.found.hits), len(second.found.hits)) == ("30", 25, 5)
    assert second.found.following is None


@pytest.mark.parametrize(
    "query", ["?q=wombat&kind=none", "?q=wombat&after=x", "?q=wombat&after=-1", "?kind=incidents", ""]
)
def test_odd_addresses_are_answered(client: Client, query: str) -> None:
    assert client.get(f"/search/{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "What are you looking for?"),
        ("x", "Type at least two"),
        ("!!!", "letters and digits"),
        ("-slow", "what to look for"),
        ("wombat", "Nothing that you may read holds all of"),
    ],
)
def test_nothing_is_said_helpfully(client: Client, query: str, said: str) -> None:
    assert said in client.get("/search/", {"q": query}).content.decode()


def test_the_box_stands_on_every_page_and_keeps_the_words(client: Client) -> None:
    assert 'action="/search/"' in client.get("/").content.decode()
    assert 'value="slow &quot;tool call&quot;"' in client.get("/search/", {"q": 'slow "tool call"'}).content.decode()


def test_suggestions_are_a_part_without_the_page(client: Client, maya: Person) -> None:
    of_each_kind("wombat", maya)
    part = client.get("/search/?q=wom", headers=SUGGEST)
    text = part.content.decode()
    assert "<html" not in text
    assert 'id="suggestions"' in text
    assert 'href="/search/?q=wom"' in text
    assert "HX-Target" in part["Vary"]
    assert client.get("/search/?q=", headers=SUGGEST).content.decode().count("suggestion") == 1


def test_strangers_sign_in_first() -> None:
    assert Client().get("/search/?q=x").status_code == 302
    assert Client().get("/api/v1/search/?q=x").status_code == 401


@pytest.mark.parametrize("many", [1, 3])
def test_constant_queries(client: Client, maya: Person, django_assert_num_queries, many: int) -> None:
    for _ in range(many):
        of_each_kind("wombat", maya)
    with django_assert_num_queries(QUERIES):
        client.get("/search/?q=wombat")


def test_only_the_latest_version_of_a_note_is_found(client: Client, maya: Person) -> None:
    incident = make.incident(by=maya)
    first = noting.note(incident, text="the wombat filter", by=maya, now=NOON)
    noting.revise(first, seen=1, text="the quokka filter", by=maya, now=NOON)
    assert groups(client, "wombat") == {}
    assert list(groups(client, "quokka")) == ["timelines"]


@pytest.mark.parametrize("role", ["viewer", "responder", "editor"])
def test_nobody_finds_a_private_incident_but_its_people(client: Client, maya: Person, role: str) -> None:
    incident = of_each_kind("wombat", maya)
    confiding.make_private(incident, reason="A person is named.", by=maya, now=NOON)
    stranger = Client()
    stranger.force_login(make.person("Sten Stranger", role=role))
    assert list(groups(stranger, "wombat")) == ["services", "components"]
    for kind in ("incidents", "postmortems", "timelines", "findings"):
        page = stranger.get("/search/", {"q": "wombat", "kind": kind})
        assert "Nothing found" in page.content.decode()
    assert stranger.get("/search/", {"q": incident.ref}).status_code == 200
    answer = stranger.get("/api/v1/search/", {"q": incident.ref})
    assert answer.json()["jump"] is None
    admin = Client()
    admin.force_login(make.person("Ada Admin", role="admin"))
    for someone in (client, admin):
        assert list(groups(someone, "wombat")) == [
            *("incidents", "services", "components", "postmortems", "timelines", "findings")
        ]
        assert someone.get("/search/", {"q": incident.ref}).status_code == 302


def test_changes_are_found(client: Client, maya: Person) -> None:
    retriever = make.component("Retriever")
    said = changing.Said(kind="prompt", title="Wombat prompt v7", description="", at=NOON, component=retriever)
    change, _ = changing.record(said, by=maya, now=NOON)
    assert groups(client, "wombat") == {"changes": ["Wombat prompt v7"]}
    changing.withdraw(change, why="It was another.", by=maya, now=NOON)
    assert groups(client, "wombat") == {}


def test_what_is_hidden_neither_counts_nor_hides_the_rest(client: Client, maya: Person) -> None:
    shown = [make.incident(f"wombat {n}", by=maya) for n in range(3)]
    hidden = [Incident(title="wombat", declared_via="hand", private=True) for _ in range(120)]
    Incident.objects.bulk_create(hidden)
    (group,) = client.get("/search/?q=wombat&kind=incidents").context["answer"].groups
    assert [hit.ref for hit in group.found.hits] == [incident.ref for incident in reversed(shown)]
    assert group.count == "3"


@pytest.mark.parametrize(("latest", "held", "near"), [(2, 3000, 300), (2, 3, 300), (2, 3000, 2), (1000, 3, 2)])
def test_every_way_finds_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch, latest: int, held: int, near: int
) -> None:
    """Among the latest rows, through the index, or by walking back: common words, rare ones and those between."""
    for name, value in (("LATEST", latest), ("HELD", held), ("NEAR", near)):
        monkeypatch.setattr(finding, name, value)
    made = [make.incident(f"{'wombat' if n % 2 else 'quokka'} {n}") for n in range(12)]
    Incident.objects.filter(pk=made[11].pk).update(private=True)
    wanted = [made[n].ref for n in (9, 7, 5, 3, 1)]
    (group,) = client.get("/search/?q=wombat&kind=incidents").context["answer"].groups
    assert [hit.ref for hit in group.found.hits] == wanted
    (rest,) = client.get(f"/search/?q=wombat&kind=incidents&after={made[5].pk}").context["answer"].groups
    assert [hit.ref for hit in rest.found.hits] == wanted[3:]
