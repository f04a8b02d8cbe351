"""People's Markdown to safe HTML: CommonMark and tables, no raw HTML, no images, nothing that htmx would act on.

Beyond CommonMark: web addresses and the references that rooms add become links, and names after an @ become marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

HEADINGS_BEGIN_AT = 3  # the page has its h1, the card its h2
TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "a", "ul", "ol", "li", "mark"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
# What stands after an @ is an e-mail address, the part of one before its own @, or a slug.
_HANDLE = r"[A-Za-z0-9](?:[\w.+-]*[A-Za-z0-9])?(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?"
_FOUND = re.compile(rf"(?<![\w./@+-])@(?P<handle>{_HANDLE})|(?P<web>https?://[^\s<>\"]+)")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&])")
_OPENS = re.compile(r"^(\s*)([-+=]|\d+[.)](?=\s|$))")
_AFTER_AN_ADDRESS = ".,;:!?'*_)]}"  # closes the sentence, not the address

_references: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = []


def add_reference(pattern: str, address: Callable[[re.Match[str]], str]) -> None:
    """Make what matches `pattern` in people's words a link to the address that it stands for."""
    _references.append((re.compile(pattern), address))


def line(text: object) -> str:
    """A word or line of somebody's that is no Markdown: on one line, and nothing in it means anything."""
    flat = _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
    return _OPENS.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", flat)


def handles(text: str) -> list[str]:
    """The names after an @ in people's words, lower-case, each once; what stands in code or in a link is no name."""
    found = (
        piece["handle"].lower()
        for block in _PARSER.parse(text or "")
        for token in _outside_links(block.children or [])
        for piece in _FOUND.finditer(token.content)
        if piece["handle"]
    )
    return list(dict.fromkeys(found))


def _outside_links(tokens: Sequence[Token]) -> Iterator[Token]:
    """The plain text among inline tokens."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type == "text" and depth == 0:
            yield token


def _link(state: StateCore) -> None:
    """A rule of the parser: split plain text at addresses, references and names that are known."""
    if "names" not in state.env:  # only looked at, not shown
        return
    for block in state.tokens:
        children = block.children or []
        plain = {id(token) for token in _outside_links(children)}
        block.children = [
            new for token in children for new in (_split(token, state.env["names"]) if id(token) in plain else [token])
        ]


def _split(token: Token, names: Mapping[str, str]) -> Iterator[Token]:
    text, done = token.content, 0
    for start, end, made in sorted(_pieces(text, names), key=lambda piece: piece[0]):
        if start >= done:
            yield from (_text(text[done:start]), *made)
            done = end
    yield _text(text[done:])


def _pieces(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, list[Token]]]:
    for found in _FOUND.finditer(text):
        if found["web"]:
            address = found["web"].rstrip(_AFTER_AN_ADDRESS)
            address += ")" if "(" in address and found["web"].startswith(address + ")") else ""
            yield found.start(), found.start() + len(address), _anchor(address, address)
        elif name := names.get(found["handle"].lower()):
            yield found.start(), found.end(), [Token("mark_open", "mark", 1), _text(f"@{name}"), _MARK_END]
    for pattern, address_of in _references:
        for found in pattern.finditer(text):
            yield found.start(), found.end(), _anchor(address_of(found), found[0])


def _anchor(address: str, text: str) -> list[Token]:
    opened = Token("link_open", "a", 1, attrs={"href": address})
    return [opened, _text(text), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


_MARK_END = Token("mark_close", "mark", -1)


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
    parser.core.ruler.push("names_and_addresses", _link)
    return parser


_PARSER = _parser()


def to_html(text: str, names: Mapping[str, str] | None = None) -> SafeString:
    """Markdown as sanitised HTML; links open nothing but http, https and mailto, and vouch for nothing.

    `names` says who is meant by what stands after an @, by `handles`; other names stay as they were typed.
    """
    html = nh3.clean(
        _PARSER.render(text or "", {"names": names or {}}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
    )
    return mark_safe(html)  # noqa: S308 -- just sanitised by nh3
