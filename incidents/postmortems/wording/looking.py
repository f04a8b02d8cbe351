"""Looking for what the rules name, in texts of their kinds."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import re2

from incidents.postmortems.wording import exempt
from incidents.postmortems.wording.rules import RULES, Kind, Phrase, Rule
from incidents.postmortems.wording.words import STARTERS, THINGS

MOST = 50  # hints on one text; who has that many begins at the top
LONGEST = 160  # characters of the words that a hint quotes
AROUND = 60  # characters before and behind a phrase that are looked at
# Between two words of a sentence: spaces, one line break at most, and marks of emphasis.
GAP = r"[*]*(?:[ ]+\n?[ ]*|\n[ ]*)[*]*"
_NEXT = r"^_[\pL\pN'-]+"


@dataclass(frozen=True)
class Hint:
    """One phrase to look at again: where it stands in the text, in characters, and its words."""

    rule: Rule
    start: int
    end: int
    excerpt: str

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code


def check(
    text: str,
    *,
    kind: Kind | str = Kind.SECTION,
    people: Collection[str] = (),
    things: Collection[str] = (),
    model_shown: bool = False,
) -> list[Hint]:
    """The hints on a text in the order of its words, at most MOST.

    `people` are names of persons that are known here, `things` names of what is no person (services, components).
    `model_shown`: a finding shows by evidence that the model failed, so that saying so is fine.
    """
    rules = [rule for rule in RULES if kind in rule.kinds and not (model_shown and rule.code == "model_as_scapegoat")]
    if not rules or not text:
        return []
    plain = exempt.blanked(text)
    known = frozenset(part for name in people for part in name.casefold().split())
    no_person = frozenset(name.casefold() for name in things)
    found = [
        Hint(rule, start, end, " ".join(text[start:end].split())[:LONGEST])
        for rule in rules
        for start, end in _of_rule(rule, plain, known, no_person)
    ]
    return sorted(found, key=lambda hint: (hint.start, hint.end))[:MOST]


def candidates(text: str) -> set[str]:
    """The words of a text that may be names of persons, lower-case: what to look up before `check` is asked."""
    plain = exempt.blanked(text)
    phrases = [phrase for rule in RULES for phrase in rule.phrases if phrase.named]
    found = (match.group(1) for phrase in phrases for match in _compiled(phrase.expression).finditer(plain))
    return {word.casefold() for who in found for word in who.replace("*", " ").split()} - STARTERS - THINGS


def _of_rule(rule: Rule, plain: str, known: Collection[str], things: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where a rule's phrases stand, each place once."""
    found = sorted(span for phrase in rule.phrases for span in _of_phrase(phrase, plain, known, things))
    reached = 0
    for start, end in found:
        if start >= reached:
            reached = end
            yield start, end


def _of_phrase(
    phrase: Phrase, plain: str, known: Collection[str], things: Collection[str]
) -> Iterator[tuple[int, int]]:
    count = 0
    for match in _compiled(phrase.expression).finditer(plain):
        start, end = match.span(1) if "(?P<say>" in phrase.expression else match.span()
        if _letter(plain, start - 1) or _letter(plain, end):
            continue
        if phrase.named:
            own = _of_person(match.group(1), match.group(), known, things)
            if own is None:
                continue
            start += own
        behind = plain[end : end + AROUND]
        if phrase.unless_after and _compiled(phrase.unless_after).search(behind):
            continue
        if phrase.unless_before and _compiled(phrase.unless_before).search(_before(phrase, plain, start, end)):
            continue
        if phrase.with_next and (following := _compiled(_NEXT).search(behind)):
            end += following.end()
        yield start, end
        count += 1
        if count >= MOST:
            return


def _before(phrase: Phrase, plain: str, start: int, end: int) -> str:
    """What stands before the phrase; of a phrase that begins a line, the phrase itself."""
    return plain[start:end] if "(?P<say>" in phrase.expression else plain[max(0, start - AROUND) : start]


def _of_person(who: str, said: str, known: Collection[str], things: Collection[str]) -> int | None:
    """Where in `who` the name of a person begins; None when it names none.

    Known persons go by any part of their name. Of others two words that are written like a name count, and a single
    one where only persons do what is said: forgot, neglected.
    """
    words = who.replace("*", " ").split()
    low = [word.casefold() for word in words]
    if any(word.endswith("'s") for word in low) or " ".join(low) in things:
        return None
    for word, name in zip(words, low, strict=True):
        if name in known:
            return who.index(word)
    if any(name in THINGS or name in things or not word.istitle() for word, name in zip(words, low, strict=True)):
        return None
    if low[0] in STARTERS:
        words, low = words[1:], low[1:]
    only_persons = "forgot" in said or "neglected" in said
    if len(words) == 2 or (words and only_persons):
        return who.index(words[0])
    return None


@functools.cache
def _compiled(expression: str) -> re2._Regexp:
    return re2.compile(_with_gaps(expression))


def _with_gaps(expression: str) -> str:
    """`_` is what separates words, except within a class of characters, where it is a space."""
    made, in_class = [], False
    for at, one in enumerate(expression):
        escaped = at > 0 and expression[at - 1] == "\\"
        if one == "[" and not escaped:
            in_class = True
        elif one == "]" and not escaped:
            in_class = False
        made.append((" " if in_class else f"(?:{GAP})") if one == "_" else one)
    return "".join(made)


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")
