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
