"""People's Markdown inside the document: it stays Markdown, but is neither HTML nor a part of the document itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOWN = 2  # the document has its h1, each block its h2; the page does the same
DEEPEST = 6
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
# What may stand before a `<` that counts, in the order in which Markdown reads: escapes, code, runs of backticks that
# nothing closes, addresses.
_READ = re.compile(r"\\.|(`+)(?!`).+?(?<!`)\1(?!`)|`+|<(?:https?://|mailto:)[^\s<>]*>|(?P<opens><)", re.DOTALL)
_IN_TABLES = re.compile(r"\\.|(?P<opens><)", re.DOTALL)  # a cell ends code that its row seems to hold


def guarded(text: str) -> str:
    """The text with its headings two levels down, raw HTML as plain words, and its last fence closed."""
    lines = re.sub(r"\r\n?", "\n", text).strip().split("\n")
    tokens = _PARSER.parse("\n".join(lines))
    said = list(lines)
    for start, end, pattern in _outside_code(tokens, len(lines)):
        lines[start:end] = pattern.sub(_escaped, "\n".join(lines[start:end])).split("\n")
    for index in range(len(tokens) - 1, -1, -1):  # from the end: a heading of several lines becomes one
        if tokens[index].type == "heading_open":
            _demote(lines, said, tokens[index], tokens[index + 1])
    return "\n".join([*lines, *_closing(lines, tokens)])


def _escaped(found: re.Match[str]) -> str:
    return r"\<" if found["opens"] else found[0]


def _outside_code(tokens: Sequence[Token], count: int) -> Iterator[tuple[int, int, re.Pattern[str]]]:
    """Lines that are read together, as first and last but one, with how; blocks of code left out."""
    rest = set(range(count))
    for token in tokens:
        if token.map is None or token.type not in {"inline", "fence", "code_block", "table_open"}:
            continue
        start, end = token.map
        if not rest.intersection(range(start, end)):
            continue  # the cells of a table
        rest.difference_update(range(start, end))
        if token.type in {"inline", "table_open"}:
            yield start, end, _READ if token.type == "inline" else _IN_TABLES
    yield from ((line, line + 1, _READ) for line in rest)


def _demote(lines: list[str], said: Sequence[str], heading: Token, words: Token) -> None:
    start, end = heading.map or (0, 0)
    level = min(int(heading.tag[1]) + DOWN, DEEPEST)
    if heading.markup.startswith("#"):
        lines[start] = lines[start].replace(heading.markup, "#" * level, 1)
        return
    # Underlined: its words may take several lines, each behind the marks of lists and quotes that it stands in.
    first = words.content.split("\n")[0]
    before = said[start][: said[start].rfind(first.rstrip())]
    whole = " ".join(_READ.sub(_escaped, words.content).split("\n"))
    lines[start:end] = [f"{before}{'#' * level} {whole}"]


def _closing(lines: Sequence[str], tokens: Sequence[Token]) -> list[str]:
    """What ends a fence that would go on to the end of the document."""
    last = tokens[-1] if tokens else None
    if last is None or last.type != "fence" or last.level:
        return []
    start, end = last.map or (0, 0)
    closed = end - start > 1 and re.fullmatch(rf" {{0,3}}{last.markup[0]}{{{len(last.markup)},}}\s*", lines[-1])
    return [] if closed else [last.markup]
