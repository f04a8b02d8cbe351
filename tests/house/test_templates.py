"""Pages work without scripts and under a policy that refuses everything inline."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.markup import Element, elements
from tests.house.sources import files, named, python, templates

LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "use": "href",
    "source": "src",
    "video": "src",
}
ELSEWHERE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
ASKS = ("hx-get", "hx-post")
NO_FALLBACK = {"hx-put", "hx-patch", "hx-delete"}


def offences(wrong: Callable[[Element], bool]) -> dict[str, list[str]]:
    """Elements that are wrong, by template."""
    found = {
        named(path): [one.shown for one in elements(path.read_text("utf-8")) if wrong(one)] for path in templates()
    }
    return {name: shown for name, shown in found.items() if shown}


def in_form(element: Element) -> bool:
    return any(one.tag == "form" and "action" in one.attributes for one in element.ancestors)


def polls(element: Element) -> bool:
    """Asks again by itself; without scripts the reader reloads the page, which shows the same."""
    return "every" in element.attributes.get("hx-trigger", "") and "hx-get" in element.attributes


def has_fallback(element: Element) -> bool:
    if element.tag == "a":
        return bool(element.attributes.get("href"))
    if element.tag == "form":
        return bool(element.attributes.get("action"))
    if element.tag == "button" and element.attributes.get("formaction"):
        return True  # it sends the form around it, which may stand in another file, to its own address
    return in_form(element) or polls(element)


def is_inline_script(element: Element) -> bool:
    return element.tag == "script" and (not element.attributes.get("src") or bool(element.text.strip()))


@pytest.mark.parametrize(
    ("sample", "caught"),
    [
        ("<script>go()</script>", True),
        ('<script src="a.js">go()</script>', True),
        ("""<script src="{% static 'a.js' %}" defer></script>""", False),
    ],
)
def test_the_eye_sees_scripts(sample: str, caught: bool) -> None:
    assert any(map(is_inline_script, elements(sample))) is caught


@pytest.mark.parametrize(
    ("sample", "good"),
    [
        ("""<a href="{% url "x" %}" hx-get="{% url "x" %}">x</a>""", True),
        ('<a hx-get="/x">x</a>', False),
        ('<form method="post" action="/x" hx-post="/x"></form>', True),
        ('<form method="post" hx-post="/x"></form>', False),
        ('<form action="/x"><textarea hx-post="/x" hx-trigger="input changed"></textarea></form>', True),
        ('<div hx-get="/x" hx-trigger="load"></div>', False),
        ('<div hx-get="/x" hx-trigger="every 2s"></div>', True),
        ('{# <a hx-get="/x"> #}{% comment %}<a hx-get="/x">{% endcomment %}', True),
    ],
)
def test_the_eye_sees_fallbacks(sample: str, good: bool) -> None:
    asking = [one for one in elements(sample) if set(ASKS) & set(one.attributes)]
    assert all(map(has_fallback, asking)) is good


def test_no_script_is_inline() -> None:
    assert offences(is_inline_script) == {}


def test_no_style_is_inline() -> None:
    assert offences(lambda one: one.tag == "style" or "style" in one.attributes) == {}


def test_no_handler_is_inline() -> None:
    def handles(one: Element) -> bool:
        return any(name.startswith(("on", "hx-on", "data-hx-on")) for name in one.attributes) or any(
            value.lstrip().lower().startswith(("javascript:", "js:")) for value in one.attributes.values()
        )

    assert offences(handles) == {}


def test_no_trigger_is_filtered_because_without_eval_a_filter_is_always_true() -> None:
    assert offences(lambda one: "[" in one.attributes.get("hx-trigger", "")) == {}


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert offences(lambda one: bool(ELSEWHERE.match(one.attributes.get(LOADED.get(one.tag, ""), "")))) == {}


def test_no_stylesheet_loads_from_elsewhere() -> None:
    pattern = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//", re.IGNORECASE)
    assert [named(path) for path in files(["static"], ".css") if pattern.search(path.read_text("utf-8"))] == []


def test_whatever_asks_by_htmx_also_works_without() -> None:
    assert offences(lambda one: bool(set(ASKS) & set(one.attributes)) and not has_fallback(one)) == {}
    assert offences(lambda one: bool(NO_FALLBACK & set(one.attributes))) == {}


def test_a_form_goes_to_one_address_with_and_without_htmx() -> None:
    def differs(one: Element) -> bool:
        asked = [one.attributes[name] for name in ASKS if name in one.attributes]
        return one.tag == "form" and bool(asked) and asked != [one.attributes.get("action")]

    assert offences(differs) == {}


def test_what_changes_something_is_posted_with_its_token() -> None:
    def forgot(path: Path) -> list[str]:
        source = path.read_text("utf-8")
        forms = re.findall(r"<form\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*method=\"post\".*?</form>", source, re.DOTALL)
        return [form[:80] for form in forms if "csrf_token" not in form]

    pages = [path for path in templates() if "gallery" not in path.parts]  # samples that nobody posts
    assert {named(path): forgot(path) for path in pages if forgot(path)} == {}


def test_no_template_calls_a_text_safe() -> None:
    """What is safe says so itself, where it is made; alert titles and names are anybody's words."""
    called = re.compile(r"\|\s*safe\b|autoescape\s+off")
    marked = [named(path) for path in templates() if called.search(path.read_text("utf-8"))]
    assert marked == []


def test_python_writes_no_inline_style_or_handler_either() -> None:
    pattern = re.compile(r"<[a-z][^>\n]*\s(?:style|on[a-z]+)=")
    assert [named(path) for path in python(["web", "ownership", "incidents"]) if pattern.search(path.read_text())] == []
