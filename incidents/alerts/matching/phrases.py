"""Words and phrases in a text, all of them found in one pass over its words.

Words are runs of letters and digits in lower case; `HighLatencyP99` is three. A phrase is words in a row; its last one
may end in `*`, which stands for any ending.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

READ = 4000  # characters of a text that are looked at
SHORTEST = 3  # letters before a `*`
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


class PhraseError(ValueError):
    """The phrase is not one that can be looked for; says why."""


@lru_cache(maxsize=1024)  # alerts of one sort share their name and often their summary
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, of its first READ characters."""
    return tuple(_WORD.findall(_HUMPS.sub(" ", text[:READ]).lower()))


def parse(phrase: str) -> tuple[tuple[str, ...], bool]:
    """A phrase as its words, and whether its last one may go on."""
    words = words_of(phrase)
    open_ended = phrase.rstrip().endswith("*")
    if not words:
        raise PhraseError(f"“{phrase}” holds no word")
    if "*" in phrase.rstrip()[:-1]:
        raise PhraseError(f"in “{phrase}” the * may only stand at the end")
    if open_ended and len(words[-1]) < SHORTEST:
        raise PhraseError(f"“{phrase}” needs at least {SHORTEST} letters before its *")
    return words, open_ended


class Finder:
    """Many phrases, each with the number of what it belongs to."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[tuple[str, ...], bool, int]]] = defaultdict(list)
        self._begins: dict[str, list[tuple[str, int]]] = defaultdict(list)  # by their first SHORTEST letters

    def add(self, phrase: str, owner: int) -> None:
        """Look for this phrase on behalf of `owner`."""
        words, open_ended = parse(phrase)
        if open_ended and len(words) == 1:
            self._begins[words[0][:SHORTEST]].append((words[0], owner))
        else:
            self._exact[words[0]].append((words, open_ended, owner))

    def __bool__(self) -> bool:
        return bool(self._exact or self._begins)

    def find(self, *texts: str) -> Mapping[int, str]:
        """Who has a phrase in one of these texts, with the words that fitted first."""
        found: dict[int, str] = {}
        words: list[str] = []
        for text in texts:
            words += [*words_of(text), ""]  # no phrase goes on from one text to the next
        for place, word in enumerate(words):
            for phrase, open_ended, owner in self._exact.get(word, ()):
                if owner not in found and _fits(words, place, phrase, open_ended):
                    found[owner] = " ".join(words[place : place + len(phrase)])
            for begin, owner in self._begins.get(word[:SHORTEST], ()):
                if word.startswith(begin):
                    found.setdefault(owner, word)
        return found


def _fits(words: list[str], place: int, phrase: tuple[str, ...], open_ended: bool) -> bool:
    there = tuple(words[place : place + len(phrase)])
    if not open_ended:
        return there == phrase
    return len(there) == len(phrase) and there[:-1] == phrase[:-1] and there[-1].startswith(phrase[-1])
