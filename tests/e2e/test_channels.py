"""Somebody adds a channel, tries it and sees what became of it; a real endpoint is told."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ownership import notifying, tasks
from ownership.models import Channel
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.ownership.endpoint import Endpoint, endpoint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings) -> Iterator[Endpoint]:
    settings.OUTGOING_NETWORKS = [ip_network("127.0.0.0/8")]
    with endpoint() as opened:
        yield opened


def test_a_channel_is_added_tried_and_told(live_server, browser_of: Opened, server: Endpoint) -> None:
    mia = make.person("Mia Mate", role="viewer")
    page = browser_of(mia)
    page.goto("/people/me/")
    page.get_by_role("link", name="how I am told").click()
    page.get_by_text("Add a channel").click()
    page.get_by_label("Address").fill("http://127.0.0.1/")
    page.get_by_role("button", name="Add the channel").click()
    expect(page.get_by_text("write jsons:// in place of https://").first).to_be_visible()
    page.get_by_label("Address").fill(server.address())
    page.get_by_label("Name").fill("My hook")
    page.get_by_role("button", name="Add the channel").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").filter(has_text="is on its way")).to_be_visible()
    assert tasks.send_notices() == 1
    expect(page.get_by_role("status").filter(has_text="was taken")).to_be_visible()
    server.status = 403
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").filter(has_text="is on its way")).to_be_visible()
    tasks.send_notices()
    expect(page.get_by_role("status").filter(has_text="It answered 403 Forbidden.")).to_be_visible()
    server.status = 200
    notifying.tell([mia], kind="assigned", text="Ada made you deputy", path="/", now=timezone.now())
    tasks.send_notices()
    assert server.titles[-1] == "Ada made you deputy"
    assert "s3cr3t" not in page.content()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    live_server, browser_of: Opened, theme: str, width: int
) -> None:
    ada = make.person("Ada Admin", role="admin")
    team = make.team("Search", ada)
    of_team, of_ada = make.channel(team), make.channel(ada)
    Channel.objects.filter(pk=of_ada.pk).update(
        failing_since=timezone.now(), failure="It answered 403 Forbidden.", muted=["given"], label="#on-call"
    )
    notifying.tell([team], kind="assigned", text="Ben made Search deputy for Answers", path="/", now=timezone.now())
    page = browser_of(ada)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    wrong = []
    paths = ["/people/me/channels/#add", "/teams/search/channels/", f"/channels/{of_ada.pk}/", "/people/mail/"]
    for path in [*paths, f"/channels/{of_team.pk}/", "/people/me/"]:
        page.goto(path)
        if page.get_by_text("Add a channel").count():
            page.get_by_text("Add a channel").click()
        wrong += faults(page, width)
    assert wrong == []
