"""The first words of a postmortem, as the incident brings them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from incidents.alerts import suspecting
from incidents.postmortems.queries import prefill
from incidents.response import impacts as impact_acts
from incidents.response import timeline
from incidents.response.impacts import Facts
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER

pytestmark = pytest.mark.django_db


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_what_led_up_to_it_begins_with_changes_and_owners(maya: Person) -> None:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    part = make.component("Search fallback", of=service)
    change = am.change("Deploy 12", of=part)
    incident = review.resolved(by=maya, service=service)
    told = prefill.texts(incident, now=LATER)["lead_up"]
    assert told.splitlines()[0].startswith("- 2026-11-20 11:00 UTC: Deploy 12 (a part of Support answers, ")
    assert told.splitlines()[-1] == (
        "For Support answers, when it was noticed: Priya Nair answers. "
        "When this was begun (2026-11-20 15:00 UTC): the same."
    )
    suspecting.suspect(incident, change, why="", by=maya, now=LATER)
    assert prefill.texts(incident, now=LATER)["lead_up"].splitlines()[0] == (
        "- 2026-11-20 11:00 UTC: Deploy 12 (suspected)"
    )


def test_what_a_block_shows_is_not_written_a_second_time(maya: Person) -> None:
    incident = review.resolved(by=maya)
    impact_acts.state(incident, facts=Facts(bad_count=7), by=maya, now=LATER)
    timeline.add(incident, TimelineKind.ALERT_FIRING, at=at(1), now=LATER, text="p99 over budget")
    alone = prefill.texts(incident, now=LATER)
    beside = prefill.texts(incident, now=LATER, drawn={"impact", "timeline"})
    assert "7 bad answers" in alone["impact"]
    assert beside["impact"] == "Every third answer took 4 s."
    assert "p99 over budget" in alone["happened"]
    assert "p99 over budget" not in beside["happened"]
    assert "Resolved" in beside["happened"]
