"""What a rule suggested is accepted or corrected in one click; the verdict is kept and scored."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.alerts.matching import built_in
from incidents.alerts.models import Alert
from incidents.postmortems import proposing
from incidents.postmortems.models import Postmortem
from incidents.response import suggesting
from incidents.response.models import Finding, Incident, SuggestionVerdict
from incidents.response.queries import verdicts
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db
RETRIES = review.RETRIES


def suggested(incident: Incident, mode: str = RETRIES, **more: Any) -> Incident:
    layer = mode.partition(".")[0]
    said = {"layer": layer, "mode": mode if "." in mode else "", "book": "built_in", "rule": "retries", "version": 2}
    said |= {"name": "retries", "matched": "retry", "why": "built-in rule retries v2: it says “retry”", **more}
    Incident.objects.filter(pk=incident.pk).update(suggested_layer=layer, suggestion=said)
    return Incident.objects.get(pk=incident.pk)


def drafted(maya: Person) -> Postmortem:
    incident = suggested(review.resolved(by=maya, mode=None))
    return review.draft(incident=incident, by=maya)


def judge(postmortem: Postmortem, what: str) -> Finding:
    return proposing.judge(postmortem, what, by=postmortem.author, now=LATER)


def test_accepting_finds_it_reviewed_with_the_alerts_that_said_so(maya: Person) -> None:
    source = am.source()
    am.send(source, am.alert("RetryStorm", summary="retry storm"))
    incident = suggested(Incident.objects.get())
    alert = Alert.objects.get()
    Alert.objects.update(layer="integration", suggestion=incident.suggestion)
    found = judge(review.draft(incident=incident, by=maya), RETRIES)
    assert (found.state, found.mode_id, found.primary) == ("reviewed", RETRIES, True)
    assert found.evidence == incident.suggestion["why"]
    assert found.links == [{"kind": "alert", "id": str(alert.pk)}]
    assert SuggestionVerdict.objects.get().verdict == "accepted"


def test_correcting_finds_it_provisionally_and_keeps_both(maya: Person) -> None:
    found = judge(drafted(maya), "latency")
    assert (found.state, found.layer, found.mode, found.evidence) == ("provisional", "latency", None, "")
    given = SuggestionVerdict.objects.get()
    assert (given.verdict, given.suggested_mode_id, given.layer, given.rule) == (
        "corrected", RETRIES, "latency", "retries",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule_says", "person_says", "verdict"),
    [
        (RETRIES, RETRIES, "accepted"),
        (RETRIES, "integration", "corrected"),  # right layer, but not that mode
        (RETRIES, "integration.prompt_contract_break", "corrected"),
        (RETRIES, "latency", "corrected"),
        ("integration", "integration", "accepted"),
        ("integration", RETRIES, "accepted"),  # more exact than the rule, and no correction
        ("integration", "data.schema_drift", "corrected"),
    ],
)
def test_what_accepts_and_what_corrects(maya: Person, rule_says: str, person_says: str, verdict: str) -> None:
    incident = suggested(make.incident(by=maya), rule_says)
    assert suggesting.judge(incident, person_says, by=maya, now=LATER).verdict == verdict


def test_what_stands_already_is_confirmed_and_not_found_twice(maya: Person) -> None:
    postmortem = drafted(maya)
    first = judge(postmortem, RETRIES)
    assert judge(postmortem, RETRIES).pk == first.pk
    assert Finding.objects.filter(superseded_at=None).count() == 1
    assert SuggestionVerdict.objects.count() == 1


def test_a_provisional_finding_of_the_mode_is_confirmed_with_its_own_words(maya: Person) -> None:
    incident = suggested(review.resolved(by=maya))
    postmortem = review.draft(incident=incident, by=maya)
    (provisional,) = review.standing(postmortem)
    found = judge(postmortem, RETRIES)
    assert (found.line, found.state, found.evidence) == (provisional.line, "reviewed", "trace 13:14")


def test_a_later_verdict_supersedes_and_one_can_be_taken_back(maya: Person) -> None:
    postmortem = drafted(maya)
    judge(postmortem, "latency")
    judge(postmortem, RETRIES)
    assert [one.verdict for one in SuggestionVerdict.objects.filter(superseded_at=None)] == ["accepted"]
    proposing.take_back(postmortem, by=maya, now=LATER)
    assert verdicts.current(postmortem.incident) is None
    assert SuggestionVerdict.objects.count() == 2
    assert Finding.objects.filter(superseded_at=None).count() == 2  # what was found is withdrawn by people


def test_a_verdict_is_superseded_and_never_changed(maya: Person) -> None:
    judge(drafted(maya), RETRIES)
    for change in (
        lambda: SuggestionVerdict.objects.update(rule="x"),
        lambda: SuggestionVerdict.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_verdict_on_what_is_suggested_no_more_does_not_count_any_more(maya: Person) -> None:
    postmortem = drafted(maya)
    judge(postmortem, RETRIES)
    assert verdicts.current(suggested(postmortem.incident, rule="another")) is None


def test_nonsense_and_nothing_are_refused(maya: Person) -> None:
    with pytest.raises(Invalid):
        judge(drafted(maya), "weather")
    with pytest.raises(suggesting.NothingSuggested):
        suggesting.judge(make.incident(by=maya), "latency", by=maya, now=LATER)


def test_each_rule_has_its_score_of_the_incidents_that_one_sees(maya: Person) -> None:
    for what in (RETRIES, "integration", "latency"):
        suggesting.judge(suggested(make.incident(by=maya)), what, by=maya, now=LATER)
    hidden = suggested(make.incident(by=maya, private=True))
    suggesting.judge(hidden, RETRIES, by=maya, now=LATER)
    assert verdicts.scores(make.person())["built_in", "retries"].words == "right 1 of 3 times, its layer 2"
    assert verdicts.scores(maya)["built_in", "retries"].judged == 4


def test_the_rules_page_shows_it(maya: Person) -> None:
    rule = built_in.rules()[0]
    incident = suggested(make.incident(by=maya), rule.layer, rule=rule.code)
    suggesting.judge(incident, rule.layer, by=maya, now=LATER)
    assert "right 1 of 1 time" in signed_in(make.person(role="editor")).get("/rules/layer/").content.decode()


# ---- pages ----


def test_one_click_on_the_postmortem_accepts_and_shows_by_whom(maya: Person) -> None:
    postmortem = drafted(maya)
    responder = signed_in(maya)
    shown = responder.get(url(postmortem)).content.decode()
    assert "Its alerts suggested" in shown
    assert "/rules/layer/#retries" in shown
    answer = responder.post(url(postmortem, "suggestion/"), {"what": RETRIES})
    assert answer["Location"] == f"{url(postmortem)}#findings"
    shown = responder.get(url(postmortem)).content.decode()
    assert "by Maya Okafor" in shown
    assert "That was it" not in shown
    responder.post(url(postmortem, "suggestion/"), {"undo": "1"})
    assert "That was it" in responder.get(url(postmortem)).content.decode()


def test_one_click_on_the_incident_finds_it_provisionally(maya: Person) -> None:
    incident = suggested(make.incident(by=maya))
    responder = signed_in(maya)
    page = f"/incidents/{incident.pk}/"
    assert "That was it" in responder.get(page).content.decode()
    assert responder.post(f"{page}suggestion/", {"what": RETRIES})["Location"] == page
    found = Finding.objects.get()
    assert (found.state, found.mode_id, found.primary, found.known_from > NOON) == ("provisional", RETRIES, True, True)
    assert "Accepted" in responder.get(page).content.decode()


def test_viewers_read_the_verdict_and_give_none(maya: Person) -> None:
    postmortem = drafted(maya)
    viewer = signed_in(make.person(role="viewer"))
    for address in (url(postmortem, "suggestion/"), f"/incidents/{postmortem.incident_id}/suggestion/"):
        assert viewer.post(address, {"what": RETRIES}).status_code == 403
    assert "That was it" not in viewer.get(url(postmortem)).content.decode()
    assert SuggestionVerdict.objects.count() == 0
