"""People's Markdown to safe HTML: CommonMark and tables, no raw HTML, no images, nothing that htmx would act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

HEADINGS_BEGIN_AT = 3  # the page has its h1, the card its h2
TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


def _heading(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:  # the signature is markdown-it's
    token = tokens[index]
    level = min(int(token.tag[1]) + HEADINGS_BEGIN_AT - 1, 6)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    return parser


_PARSER = _parser()


def to_html(text: str) -> SafeString:
    """Markdown as sanitised HTML; links open nothing but http, https and mailto, and vouch for nothing."""
    html = nh3.clean(
        _PARSER.render(text or ""),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
    )
    return mark_safe(html)  # noqa: S308 -- just sanitised by nh3
