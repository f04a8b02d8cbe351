"""Adding a service from its archetype."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from ownership import archetypes
from ownership.forms.registering import ASKED, NewServiceForm
from ownership.models import Component, Dependency, Part, Service
from ownership.vocabulary import Archetype
from tests import factories as make
from tests.ownership.conftest import cost, text_of

pytestmark = pytest.mark.django_db
URL = "/services/new/"


def filled(archetype: str = "rag", **changes: Any) -> dict[str, Any]:
    """What a browser sends when somebody fills in name and outcome and leaves the rest; None strikes."""
    form = NewServiceForm(plan=archetypes.of(archetype))
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: "on" if value is True else value for name, value in sent.items()}
    sent |= {"name": "Help desk", "outcome": "A right answer.", **changes}
    return {name: value for name, value in sent.items() if value is not None}


def test_it_asks_for_the_archetype_first(as_editor: Client) -> None:
    shown = text_of(as_editor, URL)
    assert all(f'href="?archetype={archetype}"' in shown for archetype in Archetype)
    assert "<h1>What sort of system is it?</h1>" in text_of(as_editor, f"{URL}?archetype=blender")


@pytest.mark.parametrize("archetype", Archetype.values)
def test_left_as_it_is_the_plan_becomes_the_service(as_editor: Client, archetype: str) -> None:
    plan = archetypes.of(archetype)
    assert "Help desk" not in text_of(as_editor, f"{URL}?archetype={archetype}")
    assert as_editor.post(URL, filled(archetype))["Location"] == "/services/help-desk/"
    service = Service.objects.get()
    path = Part.objects.filter(service=service).order_by("position").select_related("component")
    assert [(part.component.name, part.component.kind, part.role) for part in path] == [
        (f"Help desk · {part.name}", part.kind, part.role) for part in plan.parts
    ]
    names = {part.key: f"Help desk · {part.name}" for part in plan.parts}
    seams = {(str(seam), seam.kind): seam for seam in Dependency.objects.select_related("upstream", "downstream")}
    assert len(seams) == len(plan.seams)
    for planned in plan.seams:
        made = seams[f"{names[planned.upstream]} → {names[planned.downstream]}", planned.kind]
        assert all(getattr(made, trait) == getattr(planned, trait) for trait in ASKED[planned.kind])
    assert (service.archetype, service.objective, service.latency_budget_ms, service.latency_percentile) == (
        plan.archetype, plan.objective, plan.latency_budget_ms, plan.latency_percentile,
    )  # fmt: skip


def test_what_is_struck_does_not_come_and_its_seams_neither(as_editor: Client) -> None:
    as_editor.post(URL, filled(keep_retriever=None, seam_0=None))
    assert not Component.objects.filter(name__endswith="Retriever").exists()
    joined = {str(seam) for seam in Dependency.objects.select_related("upstream", "downstream")}
    assert joined == {
        "Help desk · Gateway → Help desk · Answer model",
        "Help desk · Answer model → Help desk · Prompt",
        "Help desk · Eval suite → Help desk · Gateway",
    }


def test_two_services_share_a_part_only_when_somebody_says_so(as_editor: Client) -> None:
    as_editor.post(URL, filled())
    as_editor.post(URL, filled(name="Shop search", part_model="help desk · ANSWER MODEL", kind_model="tool"))
    shared = [component.name for component in Component.objects.all() if component.parts.count() > 1]
    assert shared == ["Help desk · Answer model"]
    shown = text_of(as_editor, "/services/shop-search/")
    assert "Joined as they are, for they were there already: Help desk · Answer model." in shown


def test_a_typed_name_is_used_as_it_is(as_editor: Client) -> None:
    as_editor.post(URL, filled(part_prompt="Answer prompt", part_1="Cache", kind_1="database", role_1="fallback"))
    names = set(Component.objects.values_list("name", flat=True))
    assert {"Answer prompt", "Cache"} < names
    assert Part.objects.get(component__name="Cache").role == "fallback"
    assert Dependency.objects.filter(downstream__name="Answer prompt").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"objective": "100"}, "less than or equal to 99.999"),
        ({"latency_percentile": ""}, "Say at which percentile the budget is meant"),
        ({"latency_budget_ms": ""}, "Give the budget in milliseconds"),
        ({"timeout_ms_0": "0"}, "greater than or equal to 1"),
        ({"freshness_minutes_3": "soon"}, "Give minutes, or a span such as 2 h"),
        ({"part_1": "Unknown"}, "Say what kind of part Unknown is."),
        ({"part_gateway": "Same", "part_1": "same", "kind_1": "api"}, "This part stands above already."),
        ({"kind_gateway": "blender"}, "Select a valid choice"),
        ({"archetype": "blender"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_used_is_said_and_everything_is_kept(
    as_editor: Client, given: dict[str, str], words: str
) -> None:
    sent = filled(part_model="My model", keep_prompt=None, unit_3="My unit")
    answer = as_editor.post(URL, {**sent, **given})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert "A right answer." in shown
    if "archetype" not in given:
        assert "My model" in shown
        assert "My unit" in shown
        assert 'name="keep_gateway" id="id_keep_gateway" checked' in shown
        assert 'name="keep_prompt" id="id_keep_prompt" checked' not in shown
    assert not Service.objects.exists()
    assert not Component.objects.exists()


def test_after_a_refusal_it_shows_the_names_that_will_be_and_what_joins(as_editor: Client) -> None:
    make.component("Search fallback")
    shown = as_editor.post(URL, filled(outcome="", part_retriever="search fallback")).content.decode()
    assert 'placeholder="Help desk · Gateway"' in shown
    assert shown.count("data-joins>") == 1


def test_a_taken_service_name_leaves_no_parts_behind(as_editor: Client) -> None:
    make.service("Help desk")
    assert as_editor.post(URL, filled()).status_code == 422
    assert not Component.objects.exists()


def test_the_form_costs_the_same_however_many_components_there_are(as_editor: Client) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            make.component(of=make.service())
        costs.append(cost(as_editor, f"{URL}?archetype=rag"))
    assert costs[0] == costs[1]


def test_readers_are_told_who_adds_services(client: Client) -> None:
    client.force_login(make.person(role="responder"))
    assert client.get(URL).status_code == 403


def test_a_new_service_is_said_to_be_there_and_whose_it_is(as_editor: Client) -> None:
    ann = make.person("Ann Ode")
    given = {"archetype": "other", "name": "Answers", "outcome": "People get answers.", "tier": "t2"}
    answer = as_editor.post(URL, {**given, "accountable": f"person:{ann.pk}"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert "Answers is registered. Ann Ode is accountable for Answers." in text_of(as_editor, answer["Location"])
