"""The patterns page in a real browser: bars are really painted, lead to their incidents, and everybody can use it."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from incidents.patterns.answers import shape
from tests import factories as make
from tests.e2e.conftest import faults
from tests.incidents.patterns.factories import happened

pytestmark = pytest.mark.django_db(transaction=True)

# Counts the pixels of a picture that are near a colour; on a blank page, because ours allow no data: images.
COUNT = """async ([picture, colour]) => {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  let near = 0;
  for (let at = 0; at < data.length; at += 4)
    if (colour.every((part, index) => Math.abs(part - data[at + index]) < 12)) near += 1;
  return near;
}"""


@pytest.fixture
def overview(context: BrowserContext, page: Page, live_server) -> Page:
    """The overview with two reviewed data findings and a provisional one in latency, opened by a viewer."""
    client = Client()
    client.force_login(make.person("Vera Ilić", role="viewer"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    at = timezone.now() - timedelta(days=40)
    happened(at, "data", "data", reviewed=True)
    happened(at, "latency")
    page.goto(f"{live_server.url}/patterns/")
    return page


@pytest.fixture
def patterns(overview: Page) -> Page:
    """The question that is drawn month by month, from the overview's list of questions."""
    overview.get_by_role("link", name="Which layers, month by month?").click()
    expect(overview.locator(".plot.drawn")).to_be_visible()
    return overview


def painted(page: Page, layer: str) -> int:
    """How many pixels of the chart have a layer's colour."""
    colour = page.evaluate(
        """(layer) => {
          const probe = Object.assign(document.createElement("i"), { className: layer });
          document.body.append(probe);
          const named = getComputedStyle(probe).getPropertyValue("--c");
          probe.className = "";
          probe.style.color = named;
          const { color } = getComputedStyle(probe);
          probe.remove();
          return color.match(/[\\d.]+/g).slice(0, 3).map(Number);
        }""",
        layer,
    )
    chart = page.locator(".plot svg.main-svg").first.bounding_box()
    assert chart is not None
    left = {**chart, "x": chart["x"] + 96, "width": chart["width"] - 96}  # without the coloured names
    picture = base64.b64encode(page.screenshot(clip=left, full_page=True)).decode()
    blank = page.context.new_page()
    counted: int = blank.evaluate(COUNT, [picture, colour])
    blank.close()
    return counted


def test_bars_are_painted_where_something_was_found_and_nowhere_else(patterns: Page) -> None:
    for theme in ("light", "dark"):
        patterns.emulate_media(color_scheme=theme)
        patterns.wait_for_timeout(500)
        solid, hatched = painted(patterns, "data"), painted(patterns, "latency")
        assert solid > 500
        assert 50 < hatched < solid / 2  # half as many findings, and mostly paper between the lines
        assert painted(patterns, "guardrail") == 0


def test_accessible_and_nothing_sticks_out(overview: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    root = overview.url.removesuffix("/patterns/")
    for enough, path in (
        (30, "/patterns/"),
        (1, "/patterns/?compare=1"),
        (1, "/patterns/months/?as_of=2020-01-01"),
        (1, "/patterns/months/"),
        (1, "/patterns/incidents/?layer=data"),
    ):
        monkeypatch.setattr(shape, "ENOUGH", enough)
        overview.goto(root + path)
        for rows in overview.locator("details.rows > summary").all():
            rows.click()
        for width, theme in ((1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")):
            overview.set_viewport_size({"width": width, "height": 850})
            overview.emulate_media(color_scheme=theme)
            overview.wait_for_timeout(300)
            wrong += faults(overview, width)
    assert wrong == []


def test_the_list_of_a_few_leads_from_its_marks_to_the_incident(overview: Page) -> None:
    expect(overview.locator(".entry")).to_have_count(2)
    overview.locator(".month-axis .mark").first.click()
    target = overview.locator(".entry:target")
    expect(target).to_have_count(1)
    target.get_by_role("link", name="Answers cite the wrong article").click()
    expect(overview).to_have_url(re.compile(r"/incidents/\d+/$"))


def test_paper_is_white_with_open_tables_and_without_controls(patterns: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "ENOUGH", 1)
    patterns.emulate_media(color_scheme="dark")
    patterns.goto(patterns.url.replace("months/", ""))
    expect(patterns.locator(".plot.drawn").first).to_be_visible()
    patterns.emulate_media(media="print", color_scheme="dark")
    chart = patterns.locator(".plot.drawn svg.main-svg").first
    expect(chart).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(patterns.locator("details.rows table").first).to_be_visible()
    expect(patterns.locator(".filters")).to_be_hidden()
    expect(patterns.get_by_role("button", name="Print")).to_be_hidden()
    patterns.emulate_media(media="screen", color_scheme="dark")
    expect(chart).not_to_have_css("background-color", "rgb(255, 255, 255)")


def test_the_address_is_short_and_can_be_copied(patterns: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    patterns.get_by_label("Tier", exact=True).select_option("t1")
    expect(patterns).to_have_url(re.compile(r"/patterns/months/\?months=12&tier=t1$"))
    patterns.get_by_role("link", name="Share this view").click()
    expect(patterns.get_by_text("Address copied")).to_be_visible()
    assert patterns.evaluate("navigator.clipboard.readText()") == patterns.url


def test_a_click_on_a_bar_leads_to_its_incidents(patterns: Page) -> None:
    bars = patterns.locator(".plot .point path")
    boxes = [box for box in (bar.bounding_box() for bar in bars.all()) if box and box["height"] > 5]
    assert len(boxes) == 2
    patterns.mouse.click(boxes[0]["x"] + boxes[0]["width"] / 2, boxes[0]["y"] + boxes[0]["height"] / 2)
    expect(patterns).to_have_url(re.compile(r"/patterns/incidents/\?layer=data&month=\d{4}-\d{2}&state=reviewed$"))
    expect(patterns.get_by_role("link", name="Answers cite the wrong article")).to_have_count(1)


def test_the_same_way_by_keyboard_through_the_table(patterns: Page) -> None:
    patterns.get_by_role("region", name="Rows").focus()
    patterns.keyboard.press("Tab")
    patterns.keyboard.press("Enter")
    expect(patterns).to_have_url(re.compile(r"/patterns/incidents/\?layer=data&month="))


def test_filters_are_links_and_one_form(patterns: Page) -> None:
    patterns.get_by_role("link", name="3 months", exact=True).click()
    expect(patterns).to_have_url(re.compile(r"\?months=3$"))
    patterns.get_by_label("Service", exact=True).select_option("No service named")
    expect(patterns).to_have_url(re.compile(r"months=3&service=-$"))
    expect(patterns.get_by_role("link", name="3 months", exact=True)).to_have_attribute("aria-current", "true")
