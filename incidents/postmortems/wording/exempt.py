"""What no rule reads: other people's words, code and addresses. Blanked out, so that all places keep their number."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

import re2

BLANK = "\ufffc"  # neither letter nor space: no phrase goes across
_ADDRESS = re2.compile(
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*[^()]*\)"  # [words](address "title"): the words stay
    r"|<https?://[^<>\s]*>|https?://[^\s<>\"”]+|mailto:\S+"
)
_TICKS = re2.compile(r"`+")
_QUOTES = re2.compile(r"[\"“”„«»‘’]")
_CLOSES = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’"}
_PLAIN = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "\t": " "})


def blanked(text: str) -> str:
    """The text at the same length with nothing in it that is exempt; typographic spaces and apostrophes made plain."""
    text = text.encode("utf-8", "replace").decode()  # what came in halves of characters stays as long
    said = list(text)
    for start, end in _blocks(text, said):
        for first, last in _in_block(text[start:end]):
            _blank(said, start + first, start + last)
    return _without_emphasis("".join(said).translate(_PLAIN))


def _blank(said: list[str], start: int, end: int) -> None:
    for at in range(start, end):
        if said[at] != "\n":
            said[at] = BLANK


def _blocks(text: str, said: list[str]) -> Iterator[tuple[int, int]]:
    """The stretches between empty lines; quoted lines and blocks of code are blanked out of `said` on the way."""
    at, begun, fence, in_list, after_empty = 0, None, "", False, True
    for line in text.splitlines(keepends=True):
        bare, start, at = line.strip(), at, at + len(line)
        indent = len(line) - len(line.lstrip(" ")) if not line.startswith("\t") else 4
        marker = _fence(bare)
        if fence or marker:
            _blank(said, start, at)
            fence = _after(fence, marker, bare)
            in_code = True
        else:
            is_code = indent >= 4 and after_empty and not in_list
            in_code = is_code or _unlisted(bare).startswith(">")
            if in_code:
                _blank(said, start, at)
        if bare and not in_code:
            in_list = _unlisted(bare) != bare or (in_list and (indent > 0 or not after_empty))
        after_empty = not bare or (in_code and after_empty)
        if bare and not in_code:
            begun = start if begun is None else begun
        elif begun is not None:
            yield begun, start
            begun = None
    if begun is not None:
        yield begun, at


def _fence(bare: str) -> str:
    """What opens or closes a block of code: three or more of ` or ~."""
    bare = _unlisted(bare)
    mark = bare[:1]
    run = len(bare) - len(bare.lstrip(mark)) if mark in {"`", "~"} and mark else 0
    return mark * run if run >= 3 and not (mark == "`" and "`" in bare[run:]) else ""


def _after(fence: str, marker: str, bare: str) -> str:
    """The fence that is open after this line."""
    if not fence:
        return marker
    closes = marker.startswith(fence) and not bare.strip(fence[0])
    return "" if closes else fence


def _unlisted(bare: str) -> str:
    """A line without the mark of a list's item."""
    head, _, rest = bare.partition(" ")
    is_mark = head in {"-", "*", "+"} or (head[:-1].isdigit() and head[-1] in ".)" and len(head) < 11)
    return rest.lstrip() if is_mark else bare


def _in_block(text: str) -> Iterator[tuple[int, int]]:
    """Code, addresses and quoted words within a stretch; they may overlap."""
    code = list(_code(text))
    yield from code
    bare = list(text)
    for start, end in code:
        _blank(bare, start, end)
    left = "".join(bare)
    yield from (found.span() for found in _ADDRESS.finditer(left))
    yield from _quoted(left)


def _code(text: str) -> Iterator[tuple[int, int]]:
    """Between runs of as many backticks."""
    runs: Sequence[tuple[int, int]] = [found.span() for found in _TICKS.finditer(text)]
    by_length: dict[int, deque[tuple[int, int]]] = defaultdict(deque)
    for run in runs:
        by_length[run[1] - run[0]].append(run)
    done = 0
    for start, end in runs:
        waiting = by_length[end - start]
        while waiting and waiting[0][0] <= start:
            waiting.popleft()
        if start >= done and waiting:
            done = waiting[0][1]
            yield start, done


def _quoted(text: str) -> Iterator[tuple[int, int]]:
    """Between quotation marks that close again; one that does not close quotes nothing."""
    opened, closes = -1, ""
    last = {one: text.rfind(one) for marks in _CLOSES.values() for one in marks}
    for found in _QUOTES.finditer(text):
        at, mark = found.start(), found.group()
        if opened >= 0:
            if mark in closes and not (mark == "’" and _letter(text, at - 1) and _letter(text, at + 1)):
                yield opened, at + 1
                opened = -1
        elif (mark != '"' or not _letter(text, at - 1)) and any(last[one] > at for one in _CLOSES.get(mark, "")):
            opened, closes = at, _CLOSES[mark]


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _without_emphasis(text: str) -> str:
    """Underscores at the edge of a word mark emphasis; within one they belong to a name."""
    said = list(text)
    for at, one in enumerate(said):
        if one == "_" and not (_letter(text, at - 1) and _letter(text, at + 1)):
            said[at] = "*"
    return "".join(said)
