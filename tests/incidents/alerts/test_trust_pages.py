"""The pages of keys, signatures, limits and topics: as editor, as teammate, as stranger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import guarding, rotating, sourcing, tallying
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources.signatures import PRESETS, Scheme
from incidents.alerts.trust_models import Purpose, SourceSecret, TopicSubscription
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.topics import SUBSCRIBE, TOPIC

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-sender"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sources/1/"}


@dataclass
class World:
    """A signed CloudWatch source with two keys, and a topic that asks."""

    source: Source
    key: SourceSecret
    signing: SourceSecret
    subscription: TopicSubscription


@pytest.fixture
def world() -> World:
    by = make.person(role="editor")
    source, _ = sourcing.add(kind="cloudwatch", name="Alarms", by=by, now=NOON)
    guarding.require(source, scheme=PRESETS["github"][1], secret=SECRET, by=by, now=NOON)
    subscription = TopicSubscription.objects.create(
        source=source, topic=TOPIC, url=SUBSCRIBE, state="waiting", asked_at=NOON
    )
    key, signing = (SourceSecret.objects.get(source=source, purpose=purpose) for purpose in Purpose)
    return World(source, key, signing, subscription)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make.person(role=role))
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


@dataclass(frozen=True)
class Post:
    """One POST: where, what, and what tells that it was done."""

    name: str
    path: Callable[[World], str]
    data: dict[str, Any]
    done: Callable[[World], bool]


def _live(world: World, purpose: Purpose) -> int:
    return len(rotating.live(world.source, purpose, now=timezone.now()))


def _source(world: World) -> Source:
    return Source.objects.get(pk=world.source.pk)


POSTS = [
    Post("new_key", lambda w: "key/", {"overlap": "open"}, lambda w: _live(w, Purpose.KEY) == 2),
    Post("end_key", lambda w: f"secrets/{w.key.pk}/end/", {}, lambda w: _live(w, Purpose.KEY) == 0),
    Post("end_signing", lambda w: f"secrets/{w.signing.pk}/end/", {}, lambda w: _live(w, Purpose.SIGNING) == 0),
    Post(
        "signature",
        lambda w: "signature/",
        {"preset": "own", "header": "X-Ours", "algorithm": "sha512", "encoding": "base64", "secret": ""},
        lambda w: Scheme.from_json(_source(w).signature or {}).header == "X-Ours",
    ),
    Post(
        "signing_secret",
        lambda w: "signature/secret/",
        {"secret": "the-next-one"},
        lambda w: _live(w, Purpose.SIGNING) == 2,
    ),
    Post("unsigned", lambda w: "signature/off/", {}, lambda w: _source(w).signature is None),
    Post("limit", lambda w: "limit/", {"rate_limit": "7"}, lambda w: _source(w).rate_limit == 7),
    Post(
        "topics",
        lambda w: "topics/",
        {"sns_check": "require", "topics": f"{TOPIC}\n\n{TOPIC}2"},
        lambda w: (_source(w).sns_check, _source(w).topics) == ("require", [TOPIC, f"{TOPIC}2"]),
    ),
    Post(
        "confirm",
        lambda w: f"topics/{w.subscription.pk}/confirm/",
        {},
        lambda w: TopicSubscription.objects.get().state == "due",
    ),
]
EACH = pytest.mark.parametrize("post", POSTS, ids=[post.name for post in POSTS])
FORMS = ("signature/", "signature/secret/", "limit/", "topics/")


@EACH
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_editors_do_it(editor: Client, world: World, post: Post, headers: dict[str, str]) -> None:
    answer = editor.post(f"/sources/{world.source.pk}/{post.path(world)}", post.data, headers=headers)
    went = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
    assert went == f"/sources/{world.source.pk}/"
    assert post.done(world)


@EACH
@pytest.mark.parametrize("role", ["responder", "viewer"])
def test_teammates_do_not(world: World, post: Post, role: str) -> None:
    answer = signed_in(role).post(f"/sources/{world.source.pk}/{post.path(world)}", post.data)
    assert (answer.status_code, post.done(world)) == (403, False)


@EACH
def test_strangers_sign_in_first(world: World, post: Post) -> None:
    answer = Client().post(f"/sources/{world.source.pk}/{post.path(world)}", post.data)
    assert answer["Location"].startswith("/accounts/login/")
    assert not post.done(world)


@EACH
def test_nothing_is_done_to_another_sources_things(editor: Client, world: World, post: Post) -> None:
    other = am.source()
    answer = editor.post(f"/sources/{other.pk}/{post.path(world)}", post.data)
    assert not post.done(world)
    if "/" in post.path(world).rstrip("/") and post.name not in {"signing_secret", "unsigned"}:
        assert answer.status_code == 404


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_for_editors(editor: Client, world: World, path: str) -> None:
    whole = f"/sources/{world.source.pk}/{path}"
    assert editor.get(whole).status_code == 200
    assert signed_in("responder").get(whole).status_code == 403
    assert Client().get(whole).status_code == 302


def test_topics_are_of_cloudwatch_alone(editor: Client) -> None:
    assert editor.get(f"/sources/{am.source().pk}/topics/").status_code == 404


# ---- what is refused comes back as it was typed, but for secrets ----


def test_a_description_that_cannot_be_used_is_422_with_the_text_kept_and_no_secret(editor: Client) -> None:
    source = am.source()
    said = {"preset": "own", "header": "X Ours", "algorithm": "sha512", "encoding": "base64", "secret": SECRET}
    answer = editor.post(f"/sources/{source.pk}/signature/", {**said, "template": "{timestamp}", "before": "v9="})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "X Ours" in html
    assert "v9=" in html
    assert SECRET not in html
    assert "no name of a header" in html
    assert not SourceSecret.objects.filter(purpose=Purpose.SIGNING).exists()


def test_a_signature_without_a_secret_is_422(editor: Client) -> None:
    source = am.source()
    answer = editor.post(
        f"/sources/{source.pk}/signature/", {"preset": "sentry", "algorithm": "sha256", "encoding": "hex"}
    )
    assert answer.status_code == 422
    assert "Paste the secret" in answer.content.decode()


def test_a_third_secret_is_422_and_not_shown(editor: Client, world: World) -> None:
    path = f"/sources/{world.source.pk}/signature/secret/"
    assert editor.post(path, {"secret": "the-next-one"}).status_code == 302
    answer = editor.post(path, {"secret": "one-too-many"})
    assert answer.status_code == 422
    assert "Two of them are live already" in answer.content.decode()
    assert "one-too-many" not in answer.content.decode()


def test_a_third_key_is_422(editor: Client, world: World) -> None:
    path = f"/sources/{world.source.pk}/key/"
    assert editor.post(path).status_code == 302
    answer = editor.post(path, {"overlap": "30"})
    assert (answer.status_code, "Two of them are live already" in answer.content.decode()) == (422, True)
    assert editor.post(path, {"overlap": "12 parsecs"}).status_code == 422
    assert editor.post(path, {"overlap": "0"}).status_code == 302
    assert _live(world, Purpose.KEY) == 1


def test_a_limit_that_is_none_is_422_with_the_text_kept(editor: Client, world: World) -> None:
    for said in ("-3", "many", str(sourcing.MOST + 1)):
        answer = editor.post(f"/sources/{world.source.pk}/limit/", {"rate_limit": said})
        assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_a_topic_that_is_none_is_422_with_the_text_kept(editor: Client, world: World) -> None:
    said = {"sns_check": "check", "topics": f"{TOPIC}\nnot-an-arn"}
    answer = editor.post(f"/sources/{world.source.pk}/topics/", said)
    html = answer.content.decode()
    assert (answer.status_code, "is no ARN of a topic" in html, f"{TOPIC}\nnot-an-arn" in html) == (422, True, True)


# ---- what the source's page shows ----


def test_the_page_shows_all_of_it_to_editors(editor: Client, world: World) -> None:
    now = timezone.now()
    rotating.new_key(world.source, by=Person.objects.latest("pk"), now=now)
    SourceSecret.objects.filter(pk=world.key.pk).update(last_used_at=now)
    tallying.forget_all()
    tallying.bad_signature(world.source.pk, "the header X is missing", now=now)
    html = editor.get(f"/sources/{world.source.pk}/").content.decode()
    assert f"<code>{world.key.hint}…</code>" in html
    assert "last used" in html
    assert "not used yet" in html
    assert "<b>ends " in html
    assert "Two are live, the most there may be" in html
    assert "X-Hub-Signature-256" in html
    assert TOPIC in html
    assert "waits for an editor" in html
    assert "600 deliveries a second in each web process, the usual limit" in html
    assert "1 with a bad signature, 0 over the limit" in html
    assert SECRET not in html
    assert world.signing.sealed not in html


def test_those_who_only_read_see_none_of_it(world: World) -> None:
    html = signed_in("responder").get(f"/sources/{world.source.pk}/").content.decode()
    assert world.key.hint not in html
    assert TOPIC not in html
    assert "X-Hub-Signature-256" not in html


def test_a_source_without_a_key_says_so(editor: Client, world: World) -> None:
    editor.post(f"/sources/{world.source.pk}/secrets/{world.key.pk}/end/")
    editor.post(f"/sources/{world.source.pk}/secrets/{world.signing.pk}/end/")
    html = editor.get(f"/sources/{world.source.pk}/").content.decode()
    assert "No key is live" in html
    assert "No signing secret is live" in html
    assert editor.post(f"/sources/{world.source.pk}/test/").status_code == 409  # the sender would get a 404
    editor.post(f"/sources/{world.source.pk}/key/")
    assert _live(world, Purpose.KEY) == 1


def test_held_deliveries_are_told(editor: Client, world: World) -> None:
    for _ in range(2):
        taken = am.deliver(world.source, raw=b"{}")
        Delivery.objects.filter(pk=taken.pk).update(state="held", reason="")
    assert (
        "2 deliveries held until the certificate is fetched"
        in editor.get(f"/sources/{world.source.pk}/").content.decode()
    )


def test_the_page_costs_the_same_however_much_it_shows(editor: Client, world: World) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(f"/sources/{world.source.pk}/").status_code == 200
        return len(captured)

    before = cost()
    for number in range(3):
        TopicSubscription.objects.create(
            source=world.source, topic=f"{TOPIC}{number}", url=SUBSCRIBE, state="refused", asked_at=NOON
        )
    editor.post(f"/sources/{world.source.pk}/key/")
    for _ in range(2):  # the key is shown once, and forgotten at the next look
        editor.get(f"/sources/{world.source.pk}/")
    assert cost() == before


@pytest.mark.parametrize("kind", ["sentry", "dbt", "grafana", "alertmanager"])
def test_the_form_proposes_what_the_kind_of_sender_does(editor: Client, kind: str) -> None:
    source, _ = sourcing.add(kind=kind, name=kind, by=None, now=NOON)
    form = editor.get(f"/sources/{source.pk}/signature/").context["form"]
    assert form["preset"].value() == ("own" if kind == "alertmanager" else kind)
