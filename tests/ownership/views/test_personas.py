"""Every POST of the room, by everybody, with and without htmx."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver

from ownership import notifying, urls
from ownership.models import Person
from tests import factories as make
from tests.ownership.conftest import signed_in
from tests.ownership.world import World, build, fingerprint

pytestmark = pytest.mark.django_db

RANK = ["viewer", "responder", "editor", "admin"]


@dataclass(frozen=True)
class Post:
    """One POST: where, what, who may, and which part of the page htmx swaps."""

    name: str
    url: Callable[[World], str]
    data: Callable[[World], dict[str, Any]]
    needs: str = "editor"
    part: str = ""


def _service(path: str) -> Callable[[World], str]:
    return lambda world: f"/services/support-answers/{path}".format(w=world)


def _component(path: str) -> Callable[[World], str]:
    return lambda world: f"/components/{world.component.pk}/{path}".format(w=world)


def _given(**data: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: data


POSTS = [
    Post("new_service", lambda w: "/services/new/", _given(name="New one", outcome="Works.", tier="t2")),
    Post("edit_service", _service("edit/"), _given(name="Answers", outcome="Works.", tier="t1", archetype="rag")),
    Post("retire_service", _service("retire/"), _given()),
    Post("restore_service", lambda w: "/services/old-answers/restore/", _given()),
    Post(
        "answers", _service("answers/"), lambda w: {"party": f"team:{w.team.pk}", "role": "escalation"}, part="answers"
    ),
    Post("end_assignment", lambda w: f"/assignments/{w.deputy.pk}/end/", _given(), part="answers"),
    Post(
        "component_answers",
        _component("answers/"),
        lambda w: {"party": f"team:{w.team.pk}", "role": "accountable"},
        part="answers",
    ),
    Post(
        "seam_answers",
        lambda w: f"/seams/{w.seam.pk}/answers/",
        lambda w: {"party": f"team:{w.team.pk}", "role": "accountable", "answering": w.member.pk},
        part="answers",
    ),
    Post(
        "replace_assignment",
        lambda w: f"/assignments/{w.deputy.pk}/replace/",
        lambda w: {"party": f"person:{w.outsider.pk}"},
    ),
    Post(
        "correct_assignment",
        lambda w: f"/assignments/{w.deputy.pk}/correct/",
        lambda w: {"party": f"person:{w.outsider.pk}", "since": "2026-01-05T08:00", "confirmed": "1"},
    ),
    Post("name_answering", lambda w: f"/assignments/{w.teams.pk}/answering/", lambda w: {"answering": w.member.pk}),
    Post("parts", _service("parts/"), _given(component="Cache", kind="database", role="fallback"), part="path"),
    Post("move_part", _service("parts/{w.part.pk}/move/"), _given(to="1"), part="path"),
    Post("remove_part", _service("parts/{w.part.pk}/remove/"), _given(), part="path"),
    Post(
        "part_aliases",
        _service("aliases/"),
        lambda w: {"part": w.component.pk, "system": "job", "key": "new"},
        part="path",
    ),
    Post("remove_part_alias", _service("aliases/{w.alias.pk}/remove/"), _given(), part="path"),
    Post("links", _service("links/"), _given(kind="other", url="https://example.org", label="x"), part="links"),
    Post("remove_link", _service("links/{w.link.pk}/remove/"), _given(), part="links"),
    Post("new_component", lambda w: "/components/new/", _given(name="Cache", kind="database", lifecycle="production")),
    Post("edit_component", _component("edit/"), _given(name="Renamed", kind="tool", lifecycle="deprecated")),
    Post("retire_component", _component("retire/"), _given()),
    Post("restore_component", lambda w: f"/components/{w.retired.pk}/restore/", _given()),
    Post("component_links", _component("links/"), _given(kind="other", url="https://example.org"), part="links"),
    Post("remove_component_link", _component("links/{w.component_link.pk}/remove/"), _given(), part="links"),
    Post("aliases", _component("aliases/"), _given(system="job", key="new"), part="aliases"),
    Post("remove_alias", _component("aliases/{w.alias.pk}/remove/"), _given(), part="aliases"),
    Post("seams", _component("seams/"), _given(downstream="search FALLBACK", kind="data"), part="seams"),
    Post("remove_seam", _component("seams/{w.seam.pk}/remove/"), _given(), part="seams"),
    Post("edit_seam", lambda w: f"/seams/{w.seam.pk}/edit/", _given(kind="data", unit="ms", freshness_minutes="2 h")),
    Post("accept_claim", lambda w: f"/claims/{w.claim.pk}/accept/", _given(), part="claims"),
    Post("ignore_claim", lambda w: f"/claims/{w.claim.pk}/ignore/", _given(), part="claims"),
    Post(
        "waive",
        lambda w: f"/coverage/waive/component/{w.component.pk}/",
        _given(reason="Ends in March, with the old contract."),
    ),
    Post("end_waiver", lambda w: f"/coverage/waivers/{w.waiver.pk}/end/", _given()),
    Post("reconsider_claim", lambda w: f"/claims/{w.ignored.pk}/reconsider/", _given(), part="claims"),
    Post(
        "decide_claims", lambda w: "/claims/decide/", lambda w: {"claim": w.claim.pk, "what": "ignore"}, part="claims"
    ),
    Post("unknown_owners", lambda w: "/claims/owners/", lambda w: {"owner": "answers", "party": f"team:{w.team.pk}"}),
    Post("forget_meaning", lambda w: f"/claims/owners/{w.meaning.pk}/forget/", _given()),
    Post(
        "import_catalogue", lambda w: "/catalogue/import/", lambda w: {"file": SimpleUploadedFile("x.csv", b"name\nx")}
    ),
    Post("teams", lambda w: "/teams/", _given(name="Search platform")),
    Post("team", lambda w: "/teams/answers-team/", _given(name="Renamed team")),
    Post("members", lambda w: "/teams/answers-team/members/", lambda w: {"person": w.outsider.pk}, part="members"),
    Post("remove_member", lambda w: f"/teams/answers-team/members/{w.member.pk}/remove/", _given(), part="members"),
    Post("dissolve", lambda w: "/teams/answers-team/dissolve/", _given()),
    Post("restore", lambda w: f"/teams/{w.gone_team.slug}/restore/", _given()),
    Post("remind", lambda w: f"/assignments/{w.owned.pk}/remind/", _given()),
    Post(
        "reassign",
        lambda w: "/reassign/",
        lambda w: {"row": w.vacant.pk, "to": f"person:{w.member.pk}", "how": "give"},
    ),
    Post("notices_seen", lambda w: "/people/me/notices/seen/", _given(), "viewer"),
    Post("my_channels", lambda w: "/people/me/channels/", _given(address="jsons://hooks.example.org/x"), "viewer"),
    Post("my_quiet", lambda w: "/people/me/quiet/", _given(time_zone="Europe/Berlin", whole_days=["6"]), "viewer"),
    Post("team_channels", lambda w: "/teams/answers-team/channels/", _given(address="list@example.org")),
    Post("team_quiet", lambda w: "/teams/answers-team/quiet/", _given(time_zone="UTC", members_too="on")),
    Post("channel", lambda w: f"/channels/{w.channel.pk}/", _given(label="#answers", enabled="on", told=["assigned"])),
    Post("test_channel", lambda w: f"/channels/{w.channel.pk}/test/", _given()),
    Post("remove_channel", lambda w: f"/channels/{w.channel.pk}/remove/", _given()),
    Post("people", lambda w: "/people/", _given(email="new@example.org", name="New", role="viewer"), "admin"),
    Post(
        "person", lambda w: f"/people/{w.member.pk}/", _given(email="j@example.org", name="J", role="editor"), "admin"
    ),
    Post("new_link", lambda w: f"/people/{w.member.pk}/link/", _given(), "admin"),
    Post("deactivate", lambda w: f"/people/{w.member.pk}/deactivate/", _given(), "admin"),
    Post("reactivate", lambda w: f"/people/{w.outsider.pk}/reactivate/", _given(), "admin"),
    Post("me", lambda w: "/people/me/", _given(name="Myself"), "viewer"),
    Post("my_tokens", lambda w: "/people/me/tokens/", _given(label="export", scope="read"), "viewer"),
]
# A link to join is for those who are not here yet, a token is one's own: both have their own tests.
# An upload is for who sent it: see test_importing.py.
# A hand-over is for who answers and who is asked, whatever their role: see test_handovers.py. What one answers for is
# confirmed by oneself: see test_confirmations.py.
ELSEWHERE = {
    "join", "revoke_token", "hand_over", "hand_over_component", "hand_over_seam", "upload", "check_upload",
    "discard_upload", "accept_handover", "decline_handover", "withdraw_handover", "confirm",
    "webhooks", "webhook", "webhook_act", "webhook_again",  # tests/ownership/views/test_webhooks.py
}  # fmt: skip
READ_ONLY = {
    "coverage", "claims", "handover", "services", "service", "components", "component", "seam", "assignment", "as_of",
    "component_as_of", "seam_as_of", "notices", "mail", "confirmations", "upload_report", "export_catalogue",
    "download_catalogue", "service_map", "service_latency", "blast_radius",
}  # fmt: skip
every_post = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name)


@pytest.fixture
def world() -> World:
    built = build()
    Person.objects.filter(pk=built.outsider.pk).update(is_active=True)
    return built


def _prepare(post: Post, world: World, client: Client) -> None:
    """What a POST needs to have something to do."""
    if post.name == "reactivate":
        Person.objects.filter(pk=world.outsider.pk).update(is_active=False)
    if post.name == "notices_seen" and "_auth_user_id" in client.session:
        person = Person.objects.get(pk=client.session["_auth_user_id"])
        notifying.tell([person], kind="assigned", text="x", path="/", now=make.NOON, key="once")


def send(client: Client, post: Post, world: World, *, htmx: bool) -> Any:
    _prepare(post, world, client)
    page = f"http://testserver{post.url(world)}"
    headers = {"HX-Request": "true", "HX-Target": post.part, "HX-Current-URL": page} if htmx else {}
    return client.post(post.url(world), post.data(world), headers=headers)


def test_every_address_is_tried_here() -> None:
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert names == {post.name for post in POSTS} | ELSEWHERE | READ_ONLY
    assert get_resolver().resolve("/services/").view_name == "ownership:services"


@every_post
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_who_may_changes_something(world: World, post: Post, htmx: bool) -> None:
    client = signed_in(make.person(role=post.needs))
    _prepare(post, world, client)
    before = fingerprint()
    answer = send(client, post, world, htmx=htmx)
    assert answer.status_code in ({200} if htmx else {200, 302})
    assert fingerprint() != before
    if htmx and post.part:
        assert f'id="{post.part}"' in answer.content.decode()
        assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("post", [post for post in POSTS if post.needs != "viewer"], ids=lambda post: post.name)
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_who_may_not_changes_nothing(world: World, post: Post, htmx: bool) -> None:
    role = RANK[RANK.index(post.needs) - 1]
    client = signed_in(make.person(role=role))
    _prepare(post, world, client)
    before = fingerprint()
    assert send(client, post, world, htmx=htmx).status_code == 403
    assert fingerprint() == before


@every_post
def test_strangers_are_sent_to_sign_in(world: World, post: Post) -> None:
    before = fingerprint() if post.name != "reactivate" else None
    answer = send(Client(), post, world, htmx=False)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert before is None or fingerprint() == before


@every_post
def test_after_the_session_ended_htmx_takes_the_whole_browser_to_sign_in(world: World, post: Post) -> None:
    answer = send(Client(), post, world, htmx=True)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=")


@every_post
def test_whoever_comes_back_after_signing_in_is_led_to_a_page(world: World, post: Post) -> None:
    answer = signed_in(make.person(role="admin")).get(post.url(world), follow=True)
    assert answer.status_code == 200
    assert "<html" in answer.content.decode()


PAGES = [
    "/services/", "/services/?answer=nobody", "/services/?answer=mine&tier=t1", "/services/support-answers/",
    "/services/support-answers/map/", "/services/support-answers/latency/",
    "/components/{w.component.pk}/blast-radius/",
    "/components/", "/components/?show=alone&q=x", "/components/{w.component.pk}/", "/teams/", "/teams/answers-team/",
    "/services/support-answers/as-of/?at=2026-10-01T08:00", "/components/{w.component.pk}/as-of/",
    "/seams/{w.seam.pk}/",
    "/seams/{w.seam.pk}/as-of/?at=2026-10-01T08:00&known_at=2026-10-02T08:00", "/assignments/{w.owned.pk}/",
    "/assignments/{w.teams.pk}/",
    "/coverage/", "/coverage/?service=support-answers&gap=no_deputy&tier=t2",
    "/coverage/?show=mine&team=answers-team&teams=all",
    "/teams/gone-team/", "/teams/?show=dissolved", "/claims/", "/claims/?show=unknown", "/people/",
    "/people/?show=left", "/people/{w.member.pk}/", "/people/me/", "/people/me/notices/", "/confirmations/",
    "/people/me/channels/", "/teams/answers-team/channels/",
    "/confirmations/?team=answers-team", "/reassign/", "/reassign/?who=team:{w.gone_team.pk}",
    "/services/?show=retired&archetype=rag&team=answers-team&q=x", "/services/old-answers/",
    "/components/{w.retired.pk}/", "/components/?show=retired&lifecycle=production&custodian=answers-team&label=a:b",
    "/claims/?show=all&format=csv&source=x&team=y&q=z", "/claims/owners/",
    "/catalogue/export/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", RANK)
def test_everybody_reads_everything(world: World, page: str, role: str) -> None:
    assert signed_in(make.person(role=role)).get(page.format(w=world)).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        "/services/support-answers/",
        "/components/{w.component.pk}/",
        "/seams/{w.seam.pk}/",
        "/assignments/{w.owned.pk}/",
        "/components/{w.other.pk}/",
        "/teams/answers-team/",
    ],
)
def test_readers_see_no_control_they_cannot_use(world: World, page: str) -> None:
    shown = signed_in(make.person(role="responder")).get(page.format(w=world)).content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert "<form" not in main
    assert "/edit/" not in main


@pytest.mark.parametrize(
    "page",
    [
        "/services/none/",
        "/components/999999/",
        "/teams/none/",
        "/people/999999/",
        "/services/none/edit/",
        "/seams/999999/",
        "/assignments/999999/",
        "/services/none/as-of/",
        "/seams/999999/as-of/",
    ],
)
def test_what_is_not_there_is_not_found(page: str) -> None:
    assert signed_in(make.person(role="admin")).get(page).status_code == 404
