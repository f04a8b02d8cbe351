"""The pages and the API of outgoing webhooks, as admin and as everybody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from ownership import delivering, subscribing
from ownership.models import ApiToken, Person, Webhook, WebhookDelivery
from ownership.signing import digest_of
from ownership.vocabulary import TokenScope
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db
FORM = {"name": "Status page", "url": "https://example.org/hook", "events": ["incident.opened", "incident.resolved"]}
PAGES = ("", "{}/", "{}/act/", "{}/{}/again/")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def admin() -> Person:
    return make.person("Ada", role="admin")


@pytest.fixture
def sent(admin: Person) -> WebhookDelivery:
    hook, _ = subscribing.add(**FORM, private=False, by=admin, now=NOON)
    return delivering.ping(hook, by=admin, now=NOON)


@pytest.mark.parametrize("role", ["viewer", "responder", "editor", None])
@pytest.mark.parametrize("shape", PAGES)
def test_only_admins_see_or_do_anything(sent: WebhookDelivery, role: str | None, shape: str) -> None:
    browser = signed_in(make.person(role=role)) if role else Client()
    path = "/webhooks/" + shape.format(sent.webhook_id, sent.pk)
    refused = 403 if role else 302
    if "act" not in shape and "again" not in shape:
        assert browser.get(path).status_code == refused
    assert browser.post(path, {**FORM, "act": "remove"}).status_code == refused
    assert (Webhook.objects.filter(is_on=True).count(), WebhookDelivery.objects.count()) == (1, 1)


def test_an_admin_adds_one_and_reads_its_secret_once(admin: Person) -> None:
    browser = signed_in(admin)
    assert "No webhook yet" in browser.get("/webhooks/").content.decode()
    answer = browser.post("/webhooks/", FORM)
    assert (answer.status_code, "whsec_" in answer.content.decode()) == (200, True)
    hook = Webhook.objects.get()
    assert (hook.events, hook.private, hook.made_by) == (FORM["events"], False, admin)
    said = browser.get(f"/webhooks/{hook.pk}/").content.decode()
    assert "whsec_" not in said
    assert "Status page" in browser.get("/webhooks/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"url": "ftp://x/"}, {"url": ""}, {"events": []}, {"events": ["incident.eaten"]}, {"name": ""}]
)
def test_what_cannot_be_used_is_said_and_kept(admin: Person, wrong: dict[str, Any]) -> None:
    answer = signed_in(admin).post("/webhooks/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert not Webhook.objects.exists()
    if "name" not in wrong:
        assert 'value="Status page"' in answer.content.decode()


def test_an_admin_changes_tests_switches_and_removes(admin: Person, sent: WebhookDelivery) -> None:
    browser, hook = signed_in(admin), sent.webhook
    path = f"/webhooks/{hook.pk}/"
    assert browser.post(path, {**FORM, "name": "Other", "private": "on"}).status_code == 302
    hook.refresh_from_db()
    assert (hook.name, hook.private) == ("Other", True)
    for act, check in (("off", False), ("on", True)):
        assert browser.post(path + "act/", {"act": act}).status_code == 302
        hook.refresh_from_db()
        assert hook.is_on is check
    browser.post(path + "act/", {"act": "test"})
    assert WebhookDelivery.objects.filter(event="ping").count() == 2
    assert "whsec_" in browser.post(path + "act/", {"act": "secret"}).content.decode()
    assert "End the older one now" in browser.get(path).content.decode()
    browser.post(path + "act/", {"act": "end_older"})
    assert browser.post(f"{path}{sent.pk}/again/").status_code == 302
    assert WebhookDelivery.objects.count() == 3
    assert browser.post(path + "act/", {"act": "remove"}).status_code == 302
    assert browser.get(path).status_code == 404


def test_the_log_shows_what_came_back(admin: Person, sent: WebhookDelivery) -> None:
    WebhookDelivery.objects.filter(pk=sent.pk).update(status=500, answer="<b>oh no</b>", attempts=1, next_try_at=None)
    said = signed_in(admin).get(f"/webhooks/{sent.webhook_id}/").content.decode()
    assert "<b>500</b>" in said
    assert "&lt;b&gt;oh no&lt;/b&gt;" in said
    assert "given up" in said


# ---- the API ----


def api(person: Person) -> Client:
    secret = f"token-{person.pk}-{'x' * 30}"
    ApiToken.objects.create(person=person, digest=digest_of(secret), hint=secret[:8], scope=TokenScope.WRITE)
    return Client(headers={"Authorization": f"Token {secret}"})


def test_the_api_does_the_same_for_admins(admin: Person) -> None:
    program, root = api(admin), "/api/v1/webhooks/"
    made = program.post(root, FORM, content_type="application/json")
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    path = f"{root}{made.json()['id']}/"
    assert "secret" not in program.get(path).json()
    assert program.get(root).json()["results"][0]["name"] == "Status page"
    changed = program.patch(path, {"is_on": False, "name": "Other"}, content_type="application/json")
    assert (changed.json()["is_on"], changed.json()["name"]) == (False, "Other")
    assert program.post(path + "secret/").status_code == 201
    again = program.post(path + "secret/")
    assert (again.status_code, again.json()["code"]) == (409, "two_live_already")
    sent = program.post(path + "test/").json()
    assert sent["state"] == "waiting"
    assert program.post(f"{path}deliveries/{sent['id']}/again/").status_code == 201
    assert [one["event"] for one in program.get(path + "deliveries/").json()["results"]] == ["ping", "ping"]
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


def test_the_api_refuses_what_makes_no_sense(admin: Person) -> None:
    program = api(admin)
    for wrong, field in (({"url": "x"}, "url"), ({"events": ["x"]}, "events"), ({"name": ""}, "name")):
        answer = program.post("/api/v1/webhooks/", {**FORM, **wrong}, content_type="application/json")
        assert answer.status_code == 422
        assert field in answer.json()["errors"]


@pytest.mark.parametrize("role", ["viewer", "responder", "editor"])
def test_the_api_refuses_everybody_else(sent: WebhookDelivery, role: str) -> None:
    program = api(make.person(role=role))
    path = f"/api/v1/webhooks/{sent.webhook_id}/"
    for address in ("/api/v1/webhooks/", path, path + "deliveries/"):
        assert program.get(address).status_code == 403
    for address in ("/api/v1/webhooks/", path + "test/", path + "secret/", f"{path}deliveries/{sent.pk}/again/"):
        assert program.post(address, FORM, content_type="application/json").status_code == 403
    assert program.delete(path).status_code == 403
