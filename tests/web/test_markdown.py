from __future__ import annotations

import pytest

from web import markdown


def test_says_what_people_mean():
    html = markdown.to_html("**Both** loops\n\n- one\n- two\n\n| part | tries |\n|---|---|\n| a | 3 |\n")
    assert "<strong>Both</strong>" in html
    assert "<li>one</li>" in html
    assert "<td>3</td>" in html


def test_headings_stay_below_those_of_the_page():
    assert markdown.to_html("# Title").strip() == "<h3>Title</h3>"
    assert markdown.to_html("###### Deep").strip() == "<h6>Deep</h6>"


def test_links_vouch_for_nothing():
    html = markdown.to_html("[runbook](https://example.org/r)")
    assert html.strip() == '<p><a href="https://example.org/r" rel="noopener nofollow">runbook</a></p>'


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a hx-get="/accounts/logout/" data-hx-trigger="load">x</a>',
        '<div style="position:fixed">x</div>',
        "![x](https://tracker.example.org/pixel.gif)",
        '[x](https://a.example "\\" onmouseover=alert(1)")',
    ],
)
def test_nothing_in_it_can_act(text):
    html = markdown.to_html(text)
    for banned in ("<script", "<img", "<div", "<a hx", "<a data", 'href="javascript', 'href="data', '" onmouse'):
        assert banned not in html


def test_nothing_written_is_nothing_shown():
    assert markdown.to_html("") == ""


def test_web_addresses_become_links_without_the_end_of_their_sentence():
    html = markdown.to_html(
        "See https://example.org/a_b?x=1&y=2, (https://example.org/w_(x)) and `https://no.example`."
    )
    assert '<a href="https://example.org/a_b?x=1&amp;y=2" rel="noopener nofollow">' in html
    assert '<a href="https://example.org/w_(x)" rel="noopener nofollow">https://example.org/w_(x)</a>)' in html
    assert "<code>https://no.example</code>" in html
    assert markdown.to_html("[https://a.example](https://b.example)").count("<a ") == 1


def test_incidents_are_linked_by_their_name():
    assert '<a href="/incidents/12/" rel="noopener nofollow">INC-12</a>' in markdown.to_html("as in INC-12.")
    assert "<a" not in markdown.to_html("`INC-12`, XINC-12, INC-12x, INC-99999999999999999999")


def test_names_are_marked_where_they_are_known():
    names = {"maya@example.org": "Maya <b>Okafor</b>"}
    html = markdown.to_html("@Maya@example.org, ask @nobody; mail maya@example.org", names)
    assert "<mark>@Maya &lt;b&gt;Okafor&lt;/b&gt;</mark>, ask @nobody; mail maya@example.org" in html


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@maya@example.org and @answers-team.", ["maya@example.org", "answers-team"]),
        ("@Maya, @maya", ["maya"]),
        ("`@decorator` and\n\n    @indented\n\n[@linked](https://x.example)", []),
        ("mail maya@example.org, a/@b, @@c, @ d, @-e", []),
        ("**@maya**\n\n- @jonas", ["maya", "jonas"]),
        ("", []),
    ],
)
def test_handles_are_read_from_prose_alone(text, found):
    assert markdown.handles(text) == found
