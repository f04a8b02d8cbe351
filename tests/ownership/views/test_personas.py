"""Every POST of the room, by everybody, with and without htmx."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from ownership import urls
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
    Post("edit_service", _service("edit/"), _given(name="Answers", outcome="Works.", tier="t1")),
    Post(
        "answers", _service("answers/"), lambda w: {"party": f"team:{w.team.pk}", "role": "escalation"}, part="answers"
    ),
    Post("end_assignment", _service("answers/{w.deputy.pk}/end/"), _given(), part="answers"),
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
    Post("new_component", lambda w: "/components/new/", _given(name="Cache", kind="database")),
    Post("edit_component", _component("edit/"), _given(name="Renamed", kind="tool")),
    Post("aliases", _component("aliases/"), _given(system="job", key="new"), part="aliases"),
    Post("remove_alias", _component("aliases/{w.alias.pk}/remove/"), _given(), part="aliases"),
    Post("seams", _component("seams/"), _given(downstream="search FALLBACK", kind="data"), part="seams"),
    Post("remove_seam", _component("seams/{w.seam.pk}/remove/"), _given(), part="seams"),
    Post("accept_claim", lambda w: f"/claims/{w.claim.pk}/accept/", _given(), part="claims"),
    Post("ignore_claim", lambda w: f"/claims/{w.claim.pk}/ignore/", _given(), part="claims"),
    Post("teams", lambda w: "/teams/", _given(name="Search platform")),
    Post("team", lambda w: "/teams/answers-team/", _given(name="Renamed team")),
    Post("members", lambda w: "/teams/answers-team/members/", lambda w: {"person": w.outsider.pk}, part="members"),
    Post("remove_member", lambda w: f"/teams/answers-team/members/{w.member.pk}/remove/", _given(), part="members"),
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
# A hand-over is for who answers and who is asked, whatever their role: see test_handovers.py.
ELSEWHERE = {
    "join", "revoke_token", "hand_over", "accept_handover", "decline_handover", "withdraw_handover",
}  # fmt: skip
READ_ONLY = {"claims", "handover", "services", "service", "components", "component"}
every_post = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name)


@pytest.fixture
def world() -> World:
    built = build()
    Person.objects.filter(pk=built.outsider.pk).update(is_active=True)
    return built


def send(client: Client, post: Post, world: World, *, htmx: bool) -> Any:
    if post.name == "reactivate":
        Person.objects.filter(pk=world.outsider.pk).update(is_active=False)
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
    if post.name == "reactivate":
        Person.objects.filter(pk=world.outsider.pk).update(is_active=False)
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
    if post.name == "reactivate":
        Person.objects.filter(pk=world.outsider.pk).update(is_active=False)
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
    "/components/", "/components/?show=alone&q=x", "/components/{w.component.pk}/", "/teams/", "/teams/answers-team/",
    "/claims/", "/claims/?show=unknown", "/people/", "/people/?show=left", "/people/{w.member.pk}/", "/people/me/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", RANK)
def test_everybody_reads_everything(world: World, page: str, role: str) -> None:
    assert signed_in(make.person(role=role)).get(page.format(w=world)).status_code == 200


@pytest.mark.parametrize(
    "page", ["/services/support-answers/", "/components/{w.component.pk}/", "/teams/answers-team/"]
)
def test_readers_see_no_control_they_cannot_use(world: World, page: str) -> None:
    shown = signed_in(make.person(role="responder")).get(page.format(w=world)).content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert "<form" not in main
    assert "/edit/" not in main


@pytest.mark.parametrize(
    "page", ["/services/none/", "/components/999999/", "/teams/none/", "/people/999999/", "/services/none/edit/"]
)
def test_what_is_not_there_is_not_found(page: str) -> None:
    assert signed_in(make.person(role="admin")).get(page).status_code == 404
