"""The patterns page in a real browser: bars are really painted, lead to their incidents, and everybody can use it."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests import factories as make
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
def patterns(context: BrowserContext, page: Page, live_server) -> Page:
    """The page with two reviewed data findings and a provisional one in latency, opened by a viewer."""
    client = Client()
    client.force_login(make.person("Vera Ilić", role="viewer"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    at = timezone.now() - timedelta(days=40)
    happened(at, "data", "data", reviewed=True)
    happened(at, "latency")
    page.goto(f"{live_server.url}/patterns/months/")
    expect(page.locator(".plot.drawn")).to_be_visible()
    return page


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


def test_accessible_and_nothing_sticks_out(patterns: Page) -> None:
    for width, theme in ((1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")):
        patterns.set_viewport_size({"width": width, "height": 850})
        patterns.emulate_media(color_scheme=theme)
        patterns.wait_for_timeout(300)
        assert [found["id"] for found in Axe().run(patterns).response["violations"]] == []
        assert patterns.evaluate("document.documentElement.scrollWidth") <= width


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
    patterns.get_by_role("link", name="3 months").click()
    expect(patterns).to_have_url(re.compile(r"\?months=3$"))
    patterns.get_by_label("Service", exact=True).select_option("No service named")
    expect(patterns).to_have_url(re.compile(r"months=3&.*service=-(&|$)"))
    expect(patterns.get_by_role("link", name="3 months")).to_have_attribute("aria-current", "true")
