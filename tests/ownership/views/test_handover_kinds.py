"""Hand-overs of components and seams, to teams, and accepted after their time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ownership.models import Handover
from ownership.queries import owners
from ownership.views.about import About
from tests import factories as make
from tests.ownership.conftest import signed_in
from tests.ownership.views import test_handovers
from tests.ownership.views.test_handovers import EVERYBODY, MAY, Scene, shown

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
scene = test_handovers.scene


@pytest.mark.parametrize("kind", ["component", "dependency"])
@pytest.mark.parametrize("who", EVERYBODY)
def test_components_and_seams_are_handed_over_alike(scene: Scene, kind: str, who: str) -> None:
    subject = make.component() if kind == "component" else make.seam()
    make.assignment(subject, scene.people["proposer"])
    url, data = About(subject).hand_over, {"to": f"person:{scene.people['recipient'].pk}"}
    client = signed_in(scene.people[who])
    answer = client.post(url, data)
    if who not in MAY["hand-over"]:
        assert answer.status_code == 403
        assert Handover.objects.count() == 1
        return
    made = Handover.objects.order_by("-pk")[0]
    assert (answer["Location"], made.subject) == (f"/hand-overs/{made.pk}/", subject)
    assert About(subject).page in shown(scene, who, f"/hand-overs/{made.pk}/")
    assert "is asked to take over" in shown(scene, who, About(subject).page)
    signed_in(scene.people["recipient"]).post(f"/hand-overs/{made.pk}/accept/")
    assert owners.of_subjects(kind, [subject.pk], at=timezone.now())[subject.pk].words == "Tomás answers"


@pytest.mark.parametrize(("chosen", "answers"), [("", "recipient"), ("teammate", "teammate"), ("stranger", None)])
def test_whoever_accepts_for_a_team_answers_or_whom_they_choose(scene: Scene, chosen: str, answers: str | None) -> None:
    data = {"answering": scene.people[chosen].pk if chosen else ""}
    answer = signed_in(scene.people["recipient"]).post(f"/hand-overs/{scene.asked.pk}/accept/", data)
    if answers is None:
        assert (answer.status_code, Handover.objects.get().state) == (422, "proposed")
        return
    held = owners.of_services([scene.service.pk], at=timezone.now())[scene.service.pk].accountable
    assert held is not None
    assert held.answering == scene.people[answers]


def test_accepting_late_is_said_to_count_from_the_past(scene: Scene) -> None:
    url = f"/hand-overs/{scene.asked.pk}/"
    assert "Accepting now says" not in shown(scene, "recipient", url)
    Handover.objects.update(effective_at=timezone.now() - DAY, proposed_at=timezone.now() - 2 * DAY)
    text = shown(scene, "recipient", url)
    assert "has passed while it waited" in text
    assert "Accepting now says that Answers team has answered since" in text
    Handover.objects.update(effective_at=timezone.now() - 3 * DAY)
    assert "lies in the past" in shown(scene, "recipient", url)
