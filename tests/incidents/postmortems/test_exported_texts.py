"""People's Markdown in the exported document: no HTML for whoever renders it, and no headings of the document."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from incidents.postmortems import ruling_out, tagging
from incidents.postmortems.exporting import markdown
from incidents.postmortems.exporting.texts import guarded
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.test_exporting import exported

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("# One\n\n## Two", "### One\n\n#### Two"),
        ("##### Deep", "###### Deep"),
        ("One\n===\n\nTwo\n<b>\n---\nx", "### One\n\n#### Two \\<b>\nx"),
        ("> - # Here", "> - ### Here"),
        ("> Quoted\n> ---", "> #### Quoted"),
        ("#no heading, 3 # 4", "#no heading, 3 # 4"),
        ("```\n# a <b>\n\n\n\nc\n```", "```\n# a <b>\n\n\n\nc\n```"),
        ("x\n\n    # code <b>", "x\n\n    # code <b>"),
        ("a <b>`<i>`</b>", "a \\<b>`<i>`\\</b>"),
        ("<https://a.example/?b> 1 < 2", "<https://a.example/?b> 1 \\< 2"),
        ("<div>\n# x\n</div>", "\\<div>\n### x\n\\</div>"),
        (r"\`<b>\` \\<i> \<u>", r"\`\<b>\` \\\<i> \<u>"),
        ("`` ` `<b>` ``<i>", "`` ` `<b>` ``\\<i>"),
        ("`\n\n<b>\n\n`", "`\n\n\\<b>\n\n`"),
        ("| a | b |\n|---|---|\n| ` | <b>` |", "| a | b |\n|---|---|\n| ` | \\<b>` |"),
        ("~~~~\nnever closed", "~~~~\nnever closed\n~~~~"),
        ("    <b>", "\\<b>"),
        ("a\r\n# b\r<c>", "a\n### b\n\\<c>"),
        ("", ""),
    ],
)
def test_a_text_stays_markdown_and_is_no_more_than_a_text(said: str, told: str) -> None:
    assert guarded(said) == told


NASTY = (
    "# Forged\n\n## Amendments\n\nReviewed\n---\n\n<script>x</script> `<i>`\n\n```\n<b>\n\n\n\nkept\n```\n\n```\nopen"
)


def test_no_text_of_anybody_is_html_or_a_heading_of_the_document() -> None:
    maya = make.person("Maya Okafor")
    draft = review.draft(by=maya)
    tagging.tag(draft, layer="org", by=maya, now=LATER)
    review.finding(draft, "model.capability_limit", evidence=NASTY)
    for key in ("surprised", "q-org-knew", "out-data"):
        review.write(draft, key, NASTY)
    text = markdown.of(exported(draft))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert html.count("&lt;script&gt;x&lt;/script&gt;") == 4
    assert "<script" not in html
    headings = re.findall(r"<h[12]>(.*?)</h[12]>", html)
    assert not {"Forged", "Amendments", "Reviewed"} & set(headings)
    assert {"Findings", "What surprised us"} <= set(headings)  # the open fence has swallowed none of them
    assert "<b>\n\n\n\nkept" in text


def test_what_rules_a_layer_out_is_a_text_below_its_line() -> None:
    maya = make.person("Maya Okafor")
    draft = review.draft(by=maya)
    review.finding(draft, "model.capability_limit")
    review.write(draft, "out-data", "All rows:\n\n- there")
    ruling_out.say_not_established(draft, layer="org", by=maya, now=LATER)
    text = markdown.of(exported(draft))
    assert "- **data**, ruled out:\n\n  All rows:\n\n  - there\n\n- **integration**, found\n" in text
    assert "- **org**, not established\n" in text
