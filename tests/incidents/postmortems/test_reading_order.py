"""The page of an incident is read from top to bottom: what hurts, since when, why perhaps, what happened, what it is
like, who answers, what should have held."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts.models import Alert
from incidents.response import lifecycle
from incidents.response.models import Incident
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_similar import RETRIES, alert_in, earlier
from tests.incidents.postmortems.test_controls import decided

pytestmark = pytest.mark.django_db
ORDER = ("impact", "times", "members-title", "changes", "timeline", "similar", "answers-title", "controls", "people")


def test_the_sections_come_in_reading_order() -> None:
    answers, source = make.service("Answers", owner=make.person()), am.source()
    index = make.component("Index", of=answers)
    earlier("Slow search", service=answers, component=index)
    decided(answers, "One retrying layer")
    am.change("Index v12", of=index)
    incident = make.incident("Slow again", service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    alert_in(incident, source)
    Alert.objects.filter(incident=incident).update(why="label service=answers")
    Incident.objects.filter(pk=incident.pk).update(
        suggested_layer="integration", suggestion={"mode": RETRIES, "why": "x"}
    )
    browser = Client()
    browser.force_login(make.person())
    page = browser.get(f"/incidents/{incident.pk}/").content.decode()
    places = [page.index(f'id="{name}"') for name in ORDER]
    assert places == sorted(places)


def test_what_is_empty_is_not_there() -> None:
    browser = Client()
    browser.force_login(make.person())
    page = browser.get(f"/incidents/{make.incident().pk}/").content.decode()
    for name in ("members-title", "similar", "controls", "path-title", "findings-title"):
        assert f'id="{name}"' not in page
