"""What differs between texts, and one text out of two that were written on the same one. Pure.

Differences are shown by lines, and by words inside a line that was rewritten. Texts are merged by sentences: two people
who each changed another sentence of one paragraph do not stand in each other's way.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "gone", "new"]
Change = Literal["same", "mine", "theirs", "both"]
Pick = Literal["mine", "theirs", "both"]
PICKS: tuple[Pick, ...] = ("mine", "theirs", "both")

# Beyond these a stretch counts as wholly rewritten: finding the best match takes quadratic time.
MANY = 6_000  # pieces of the two texts between what they begin and end with alike
PAIRS = 500_000  # pairs of equal pieces among them
ALIKE = 0.4  # the share of equal words from which a rewritten line is shown as one line

_WORDS = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_SENTENCES = re.compile(r"(\n|(?<=[.!?:;…])[^\S\n]+|[^\S\n]+(?=\n|\Z))")


@dataclass(frozen=True)
class Piece:
    """A few words that are in both texts, or in the old or the new one only."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Line:
    """A line of a comparison; what is `gone` has no number in the new text, what is `new` none in the old one.

    A line of kind `changed` was rewritten: its pieces are what both versions have, what is gone and what is new.
    """

    kind: Literal["same", "gone", "new", "changed"]
    pieces: tuple[Piece, ...]
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Passage:
    """A stretch of two texts written on one: the same in both, changed by one of them, or by both.

    `pick` is what is taken of it unless somebody chooses otherwise; None where somebody has to.
    """

    change: Change
    mine: str
    theirs: str

    @property
    def pick(self) -> Pick | None:
        """The side that changed it, when only one did."""
        return "mine" if self.change in ("same", "mine") else "theirs" if self.change == "theirs" else None

    def taken(self, pick: Pick) -> str:
        """The passage as somebody chose it; both are mine, then theirs, on a line of its own where they touch."""
        if pick != "both":
            return self.mine if pick == "mine" else self.theirs
        touching = self.mine and self.theirs and not (self.mine[-1].isspace() or self.theirs[0].isspace())
        return f"{self.mine}\n{self.theirs}" if touching else self.mine + self.theirs

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What leads from theirs to mine, by words."""
        return words(self.theirs, self.mine)


def lines(old: str, new: str) -> list[Line]:
    """What leads from one text to another, line by line; the lines in their order, all of them."""
    a, b = old.split("\n") if old else [], new.split("\n") if new else []
    found: list[Line] = []
    for tag, a1, a2, b1, b2 in _steps(a, b):
        if tag == "equal":
            found += (Line("same", (Piece("same", a[i]),), i + 1, b1 + i - a1 + 1) for i in range(a1, a2))
            continue
        paired = min(a2 - a1, b2 - b1)
        for i in range(paired):
            found += _rewritten(a[a1 + i], b[b1 + i], a1 + i + 1, b1 + i + 1)
        found += (Line("gone", (Piece("gone", a[i]),), before=i + 1) for i in range(a1 + paired, a2))
        found += (Line("new", (Piece("new", b[i]),), after=i + 1) for i in range(b1 + paired, b2))
    return found


def _rewritten(old: str, new: str, before: int, after: int) -> Iterator[Line]:
    pieces = words(old, new)
    same = sum(len(piece.text) for piece in pieces if piece.kind == "same" and piece.text.strip())
    if same >= ALIKE * max(len(old), len(new)):
        yield Line("changed", pieces, before, after)
    else:
        yield Line("gone", (Piece("gone", old),), before=before)
        yield Line("new", (Piece("new", new),), after=after)


def words(old: str, new: str) -> tuple[Piece, ...]:
    """What leads from one text to another, word by word."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    found: list[Piece] = []
    for tag, a1, a2, b1, b2 in _steps(a, b):
        if tag == "equal":
            found.append(Piece("same", "".join(a[a1:a2])))
            continue
        found += [Piece("gone", "".join(a[a1:a2]))] if a2 > a1 else []
        found += [Piece("new", "".join(b[b1:b2]))] if b2 > b1 else []
    return tuple(found)


@dataclass(frozen=True)
class Fold:
    """Lines that did not change and stand too far from a change to be shown."""

    count: int
    kind: str = "fold"


def folded(found: Sequence[Line], *, around: int = 3) -> list[Line | Fold]:
    """A comparison with only so many unchanged lines around each change."""
    near = [False] * len(found)
    for i, line in enumerate(found):
        if line.kind != "same":
            near[max(0, i - around) : i + around + 1] = [True] * len(near[max(0, i - around) : i + around + 1])
    shown: list[Line | Fold] = []
    hidden = 0
    for line, keep in zip(found, near, strict=True):
        if keep and hidden:
            shown.append(Fold(hidden))
            hidden = 0
        if keep:
            shown.append(line)
        else:
            hidden += 1
    return [*shown, Fold(hidden)] if hidden else shown


def merge(base: str, mine: str, theirs: str) -> list[Passage]:
    """Two texts written on `base`, in passages; the mines together are exactly mine, the theirs theirs."""
    o, m, t = sentences(base), sentences(mine), sentences(theirs)
    found: list[Passage] = []
    io = im = it = 0
    for so, sm, st, size in _common(o, m, t):
        found += _between(o[io:so], m[im:sm], t[it:st])
        found += [Passage("same", text := "".join(o[so : so + size]), text)] if size else []
        io, im, it = so + size, sm + size, st + size
    return _gathered(found)


def merged(passages: Sequence[Passage], picks: Mapping[int, Pick] | None = None) -> str | None:
    """The text that comes of these choices, by the number of the passage; None while one is missing."""
    taken = []
    for number, passage in enumerate(passages):
        pick = (picks or {}).get(number, passage.pick)
        if pick is None:
            return None
        taken.append(passage.taken(pick))
    return "".join(taken)


def sentences(text: str) -> list[str]:
    """A text in sentences, the space between them and the ends of lines; together they are the text."""
    return [piece for piece in _SENTENCES.split(text) if piece]


def _between(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Passage]:
    if not (mine or theirs):
        return
    if mine == theirs:
        change: Change = "same"
    elif mine == base:
        change = "theirs"
    elif theirs == base:
        change = "mine"
    else:
        change = "both"
    yield Passage(change, "".join(mine), "".join(theirs))


def _common(o: Sequence[str], m: Sequence[str], t: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where all three are the same: the places in each and how long; an empty one at the end."""
    in_mine, in_theirs = _same(o, m), _same(o, t)
    i = j = 0
    while i < len(in_mine) and j < len(in_theirs):
        (a, x, n), (b, y, k) = in_mine[i], in_theirs[j]
        start, end = max(a, b), min(a + n, b + k)
        if start < end:
            yield start, x + start - a, y + start - b, end - start
        if a + n < b + k:
            i += 1
        else:
            j += 1
    yield len(o), len(m), len(t), 0


def _gathered(passages: Sequence[Passage]) -> list[Passage]:
    """Neighbours of one kind together; a space between two passages to choose belongs to them."""
    found: list[Passage] = []
    for number, passage in enumerate(passages):
        following = passages[number + 1].change if number + 1 < len(passages) else ""
        lone = passage.change == "same" and passage.mine.strip() == "" and "\n" not in passage.mine
        last = found[-1] if found else None
        if last and (passage.change == last.change or (lone and last.change == following)):
            found[-1] = Passage(last.change, last.mine + passage.mine, last.theirs + passage.theirs)
        else:
            found.append(passage)
    return found


def _same(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    return [(a1, b1, a2 - a1) for tag, a1, a2, b1, b2 in _steps(a, b) if tag == "equal"]


def _steps(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The steps of difflib from one sequence to another, in bounded time."""
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    x, y = a[head : len(a) - tail], b[head : len(b) - tail]
    if head:
        yield "equal", 0, head, 0, head
    if x or y:
        counted = Counter(y)
        if len(x) + len(y) > MANY or sum(counted[one] for one in x) > PAIRS:
            yield "replace", head, head + len(x), head, head + len(y)
        else:
            for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(a=x, b=y, autojunk=False).get_opcodes():
                yield tag, head + a1, head + a2, head + b1, head + b2
    if tail:
        yield "equal", len(a) - tail, len(a), len(b) - tail, len(b)
