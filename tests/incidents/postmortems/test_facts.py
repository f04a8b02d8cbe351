"""What the blocks of a postmortem draw from its incident."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents.alerts import suspecting
from incidents.postmortems import publishing
from incidents.postmortems.exporting import document, markdown
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import facts
from incidents.postmortems.queries import review as reviews
from incidents.response import confiding, handing_off, linking, noting, participating, pinning, timeline
from incidents.response import impacts as impact_acts
from incidents.response.impacts import Facts, Impact
from incidents.response.models import AffectedService, HandOff, Incident, IncidentVersion, Participation, TimelineRow
from incidents.response.vocabulary import TimelineKind
from ownership import assigning
from ownership.models import Assignment, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def again(postmortem: Postmortem) -> Postmortem:
    return Postmortem.objects.select_related("incident__service", "template").get(pk=postmortem.pk)


def page(postmortem: Postmortem, by: Person) -> str:
    return " ".join(signed_in(by).get(url(postmortem)).content.decode().split())


# ---- impact ----


def test_what_nobody_knows_of_the_impact_is_said(maya: Person) -> None:
    draft = review.draft(by=maya)
    assert len(facts.extent(draft).unknown) == 4
    said = Facts(share_from=Decimal(4), tries=10, reproduced=3)
    impact_acts.state(draft.incident, facts=said, by=maya, now=LATER)
    assert facts.extent(draft).unknown == ["how many bad answers went out as fine", "whether the monitors were green"]
    shown = page(draft, maya)
    assert "<b>4 %</b> <span>of the traffic</span>" in shown
    assert "how many bad answers went out as fine; whether the monitors were green." in shown


def test_what_is_published_shows_the_impact_as_known_then(maya: Person) -> None:
    ready = review.ready(by=maya)
    impact_acts.state(ready.incident, facts=Facts(bad_count=7), by=maya, now=LATER)
    published = publishing.publish(ready, by=maya, now=LATER)
    impact_acts.state(published.incident, facts=Facts(bad_count=900), by=maya, now=LATER + timedelta(days=1))
    assert [str(one) for one in facts.extent(published).glances] == ["7 bad answers went out as fine"]
    assert "as known when it was published" in page(published, maya)


def test_the_facts_are_told_once_on_a_page(maya: Person) -> None:
    draft = review.draft(by=maya)
    impact_acts.state(draft.incident, facts=Facts(bad_count=7), by=maya, now=LATER)
    shown = page(draft, maya)
    assert shown.count("went out as fine</span>") == 1
    assert shown.count("<dt>To resolve</dt>") + shown.count(">To resolve</dt>") == 1


# ---- times ----


def test_the_bar_is_drawn_to_scale() -> None:
    incident = review.resolved()  # began 30 min before it was noticed, resolved an hour after
    bar = facts.bar(incident)
    assert [(one.kind, one.words, one.x, one.width) for one in bar] == [
        ("unnoticed", "30 min", 0, 333),
        ("known", "1 h 00", 333, 667),
    ]


def test_a_start_between_two_times_is_drawn_as_such_and_a_short_stretch_is_seen() -> None:
    began = Impact("between", at(-60), at(-59.9))
    incident = review.resolved(began=began)
    first, *others = facts.bar(incident)
    assert (first.kind, first.width) == ("maybe", facts.LEAST)
    assert [one.kind for one in others] == ["unnoticed", "known"]


@pytest.mark.parametrize(
    "fields",
    [
        {"resolved_at": None, "resolved_by": None, "resolved_how": "", "impact_from": None, "mitigated_at": None},
        {"detected_at": at(90), "resolved_at": at(60)},
    ],
)
def test_what_is_not_known_or_out_of_order_is_not_drawn(fields: dict[str, Any]) -> None:
    incident = review.resolved()
    for name, value in fields.items():
        setattr(incident, name, value)
    assert facts.bar(incident) == []


def test_what_is_published_shows_the_times_as_known_then(maya: Person) -> None:
    published = review.published(by=maya)
    IncidentVersion.objects.filter(incident=published.incident_id).update(known_from=NOON)
    Incident.objects.filter(pk=published.incident_id).update(impact_from=at(-90))
    IncidentVersion.objects.filter(superseded_at__isnull=False).update(superseded_at=LATER + timedelta(days=1))
    IncidentVersion.objects.filter(superseded_at=None).update(known_from=LATER + timedelta(days=1))
    times = facts.times(again(published))
    assert (times.incident.impact_from, times.bar[0].words) == (at(-30), "30 min")
    assert Incident.objects.get().impact_from == at(-90)


# ---- timeline ----


def test_the_timeline_is_told_from_its_beginning_without_the_records_own_acts(maya: Person) -> None:
    draft = review.draft(by=maya)
    noting.note(draft.incident, text="Two loops.", by=maya, now=at(9))
    report = facts.timeline(draft, maya, now=LATER)
    assert [told.row.kind for told in report.rows] == ["impact", "declared", "note", "resolved"]
    assert not report.more
    assert "Two loops." in page(draft, maya)


def test_a_long_one_leaves_out_what_alerts_wrote_but_not_what_is_pinned(maya: Person) -> None:
    draft = review.draft(by=maya)
    rows = [timeline.row(draft.incident, TimelineKind.ALERT_FIRING, at=at(1), now=LATER) for _ in range(facts.ROWS)]
    rows = timeline.add_all(rows)
    pinning.pin(TimelineRow.objects.get(pk=rows[3].pk), by=maya, now=LATER)
    report = facts.timeline(draft, maya, now=LATER)
    assert [told.row.pk for told in report.rows if told.row.kind == "alert_firing"] == [rows[3].pk]
    assert (report.without_alerts, report.more) == (True, False)
    assert "Rows that alerts wrote are left out here" in page(draft, maya)


def test_one_that_is_longer_still_says_that_it_goes_on(maya: Person) -> None:
    draft = review.draft(by=maya)
    timeline.add_all(timeline.row(draft.incident, "note", at=at(1), now=LATER, by=maya, text="x") for _ in range(200))
    report = facts.timeline(draft, maya, now=LATER)
    assert (len(report.rows), report.more) == (facts.ROWS, True)
    assert f"All of it stands on {draft.incident.ref}" in page(draft, maya)


def test_what_comes_after_publishing_is_not_part_of_it_and_what_was_taken_back_is_gone(maya: Person) -> None:
    ready = review.ready(by=maya)
    secret = noting.note(ready.incident, text="key 123", by=maya, now=LATER)
    published = publishing.publish(ready, by=maya, now=LATER)
    after = LATER + timedelta(days=1)
    noting.note(published.incident, text="Too late.", by=maya, now=after)
    assert "key 123" in page(published, maya)
    noting.take_back(secret, seen=1, why="a key", by=maya, now=after)
    shown = page(published, maya)
    assert "Too late." not in shown
    assert "key 123" not in shown


def test_a_private_incident_that_it_names_stays_unnamed(maya: Person) -> None:
    draft = review.draft(by=maya)
    hidden = make.incident("Secret", by=make.person("Ada", role="admin"))
    linking.link(draft.incident, kind="caused_by", other=hidden, by=make.person("Ada", role="admin"), now=at(5))
    assert hidden.ref in page(draft, maya)
    confiding.make_private(hidden, reason="a name in it", by=make.person("Eve", role="admin"), now=at(6))
    shown = page(draft, make.person("Jonas Lind"))
    assert hidden.ref not in shown
    assert "another incident" in shown


# ---- people ----


def test_who_answered_then_and_now(maya: Person) -> None:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    draft = review.draft(by=maya, service=service)
    standing = Assignment.objects.get(service=service)
    jonas = make.person("Jonas Lind")
    assigning.replace(standing, party=jonas, at=LATER, by=maya, now=LATER)
    crew = facts.crew(again(draft), now=LATER + timedelta(days=1))
    assert crew.then.accountable
    assert crew.later.accountable
    assert (str(crew.then.accountable.party), str(crew.later.accountable.party)) == ("Priya Nair", "Jonas Lind")
    assert crew.opened_with == ""


def test_a_correction_shows_who_it_was_thought_to_be(maya: Person) -> None:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    draft = review.draft(by=maya, service=service)
    assigning.retract(Assignment.objects.get(service=service), by=maya, now=LATER)
    crew = facts.crew(again(draft), now=LATER)
    assert (crew.then.is_answered, crew.opened_with) == (False, "Priya Nair")
    assert "nobody is accountable" in page(draft, maya)


def test_who_had_the_ball_how_long_and_that_it_came_back(maya: Person) -> None:
    jonas = make.person("Jonas Lind")
    make.incident("Slow answers", by=maya)
    handing_off.give(Incident.objects.get(), to=jonas, reason="knows the index", by=maya, now=at(20))
    handing_off.give(Incident.objects.get(), to=maya, reason="not the index", by=jonas, now=at(50))
    Incident.objects.update(resolved_at=at(60), resolved_how="alerts")
    draft = review.draft(by=maya, incident=Incident.objects.get())
    crew = facts.crew(again(draft), now=LATER)
    lasted = [(stint.pass_.to.name, stint.lasted) for stint in crew.stints]
    assert lasted[-3:] == [
        ("Maya Okafor", timedelta(minutes=20)),
        ("Jonas Lind", timedelta(minutes=30)),
        ("Maya Okafor", timedelta(minutes=10)),
    ]
    assert crew.rounds == ["Maya Okafor → Jonas Lind → Maya Okafor"]
    assert "To and fro: Maya Okafor → Jonas Lind → Maya Okafor" in page(draft, maya)


def test_who_took_part_also_who_left(maya: Person) -> None:
    jonas, incident = make.person("Jonas Lind"), make.incident("Slow answers", by=maya)
    participating.give_role(incident, "lead", to=jonas, by=maya, now=at(3))
    participating.leave(incident, by=jonas, now=at(9))
    draft = review.draft(by=maya, incident=incident)
    (first, _), (second, parts) = facts.crew(again(draft), now=LATER).parts
    assert (first.name, second.name) == ("Maya Okafor", "Jonas Lind")
    assert {part.role for part in parts} == {"lead", "participant"}
    assert at(9) in {part.ended_at for part in parts}


def test_what_is_published_shows_the_people_as_known_then(maya: Person) -> None:
    published = review.published(by=maya)
    incident = published.incident
    participating.let_in(incident, make.person("Jonas Lind"), by=maya, now=LATER)
    after = LATER + timedelta(days=30)
    participating.let_in(incident, make.person("Priya Nair"), by=maya, now=after)
    Participation.objects.filter(incident=incident, person=maya).update(ended_at=after, ended_by=maya)
    HandOff.objects.create(
        incident=incident, held_by=maya, to=make.person("Tomás Brandt"), reason="x", by=maya, at=after
    )
    crew = facts.crew(again(published), now=after)
    assert {person.name: parts[0].ended_at for person, parts in crew.parts} == {"Maya Okafor": None, "Jonas Lind": None}
    assert [str(stint.pass_.to) for stint in crew.stints] == ["Maya Okafor"]
    assert "Priya Nair" not in page(published, maya)


def test_what_has_no_past_is_said_to_be_as_of_now(maya: Person) -> None:
    published = review.published(by=maya)
    Incident.objects.filter(pk=published.incident_id).update(type="safety")
    AffectedService.objects.create(incident=published.incident, service=make.service("Search"), why="x")
    shown = page(published, maya)
    assert "Also affected, as of now: Search" in shown
    assert "Type, as of now: safety" in shown
    told = document.of(again(published), viewer=maya, now=LATER)
    assert "- Also affected, as of 2026-11-20 15:00 UTC: Search" in markdown.of(told)


def test_the_model_blamed_after_it_was_published_asks_nothing(maya: Person) -> None:
    published = review.published(by=maya)
    Incident.objects.filter(pk=published.incident_id).update(
        first_blame="model", first_blamed_at=LATER + timedelta(days=1), first_blamed_by=maya
    )
    layers = reviews.of(again(published)).layers
    assert not layers.asks_six
    assert not layers.asks_why_not_model


# ---- changes ----


def test_suspected_changes_come_first_and_once(maya: Person) -> None:
    service = make.service("Support answers")
    part = make.component("Search fallback", of=service)
    one, other = am.change("Deploy 12", of=part), am.change("Prompt v31", of=part)
    draft = review.draft(by=maya, service=service)
    suspecting.suspect(draft.incident, other, why="", by=maya, now=LATER)
    before = facts.before(again(draft))
    assert [change.title for change in before.suspected] == ["Prompt v31"]
    assert [near.change.title for near in before.near if near.change] == ["Deploy 12"]
    shown = page(draft, maya)
    assert shown.index("Prompt v31") < shown.index("Deploy 12")
    assert one.line != other.line


def test_no_change_on_record_is_said(maya: Person) -> None:
    assert "No change is on record for the path in the 14 days before." in page(review.draft(by=maya), maya)


# ---- speed ----


def test_the_page_costs_the_same_for_much_and_for_little(
    django_assert_max_num_queries: Any, django_assert_num_queries: Any, maya: Person
) -> None:
    service = make.service("Support answers", owner=maya)
    part = make.component("Search fallback", of=service)
    draft = review.draft(by=maya, service=service)
    client = signed_in(maya)
    am.change(of=part)
    noting.note(draft.incident, text="x", by=maya, now=at(2))
    with django_assert_max_num_queries(45) as counted:
        client.get(url(draft))
    few = len(counted.captured_queries)
    for index in range(5):
        am.change(of=part)
        noting.note(draft.incident, text="x", by=make.person(), now=at(2))
        participating.join(draft.incident, by=make.person(), now=at(index))
    with django_assert_num_queries(few):
        client.get(url(draft))


def test_a_part_of_the_page_reads_no_facts(maya: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = review.draft(by=maya)
    asked: list[str] = []
    for name in ("extent", "times", "timeline", "crew", "before"):
        monkeypatch.setattr(facts, name, lambda *args, name=name, **kwargs: asked.append(name))
    headers = {"HX-Request": "true", "HX-Target": "findings", "HX-Current-URL": f"http://testserver{url(draft)}"}
    assert signed_in(maya).get(url(draft, "findings/new/"), headers=headers).status_code == 200
    assert asked == []
