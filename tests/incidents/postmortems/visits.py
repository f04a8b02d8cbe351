"""How tests visit the pages of a postmortem: as whom, with or without htmx, and what must follow."""

from __future__ import annotations

from typing import Any

from django.test import Client

from incidents.postmortems.models import Action, NoActionReason, Postmortem
from incidents.response.models import Finding
from ownership.models import Person

PLAIN: dict[str, str] = {}


def htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": "http://testserver/postmortems/1/"}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(postmortem: Postmortem, tail: str = "") -> str:
    return f"/postmortems/{postmortem.incident_id}/{tail}"


def state(postmortem: Postmortem) -> tuple[Any, ...]:
    """What a refusal must leave alone."""
    return (
        list(Postmortem.objects.values()),
        list(postmortem.sections.order_by("pk").values()),
        list(Finding.objects.order_by("pk").values()),
        list(Action.objects.order_by("pk").values()),
        list(NoActionReason.objects.values()),
        list(postmortem.incident.timeline.values_list("pk", flat=True).order_by("pk")),
    )


def after(answer: Any, postmortem: Postmortem, part: str, headers: dict[str, str]) -> None:
    """A change ends in the fresh part with what stands beside it, or in the page at that part."""
    if not headers:
        assert (answer.status_code, answer["Location"]) == (302, f"{url(postmortem)}#{part}")
        return
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert f'id="{part}"' in shown
    assert 'id="checklist" aria-labelledby="checklist-title" hx-swap-oob="true"' in shown
    assert ('id="answers" hx-swap-oob="true"' in shown) == (part == "findings")
    assert shown.count("hx-swap-oob") <= 4
    assert "HX-Target" in answer["Vary"]
