"""From what somebody typed to a tsquery: every word, in its forms; the last one may go on.

Both dictionaries are asked for each term, `simple` (as written) or `english` (its stem), because the words of
`seamline_words` stand there both ways: `retri` finds retries and retrieval, `retrying` finds retries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection

LONGEST = 200  # characters
TERMS = 12
SHORTEST = 2  # characters, to look for anything at all
GOES_ON = 3  # characters, from which on the last word may be the beginning of one
_TERM = re.compile(r'(?P<out>-?)(?:"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+))')
_FORMS = """
SELECT phraseto_tsquery('simple', seamline_plain(term))::text, phraseto_tsquery('english', seamline_plain(term))::text
FROM unnest(%s::text[]) WITH ORDINALITY AS asked (term, place) ORDER BY place
"""


@dataclass(frozen=True)
class Term:
    """A word, or words in a row. `excluded` by a minus before it, `alternative` by an `or`."""

    text: str
    phrase: bool = False
    excluded: bool = False
    alternative: bool = False


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. `expression` is a tsquery, empty when there is nothing to look for; `hint` says why."""

    text: str
    expression: str = ""
    hint: str = ""

    @property
    def key(self) -> str:
        """The text as names and keys are compared: in small letters."""
        return self.text.lower()


def read(text: str) -> Asked:
    """What `text` asks for; one query to PostgreSQL, none when there is nothing in it."""
    whole = " ".join(text.split())
    said = whole[:LONGEST]
    if not said:
        return Asked("")
    if len(said) < SHORTEST:
        return Asked(said, hint="One character is too little to look for. Type at least two.")
    terms = terms_of(said)
    hint = ""
    if len(whole) > LONGEST or len(terms) > TERMS:
        hint = f"That is much to look for at once: only the first {TERMS} words of {LONGEST} characters count."
    expression = _expression(terms[:TERMS])
    if expression:
        return Asked(said, expression, hint)
    if any(term.excluded for term in terms):
        return Asked(said, hint="Say also what to look for, not only what to leave out.")
    return Asked(said, hint="There is no word in that. Search looks for letters and digits.")


def terms_of(text: str) -> list[Term]:
    """The terms of `retries "tool call" -staging or timeout`, in order."""
    found: list[Term] = []
    alternative = False
    for match in _TERM.finditer(text):
        phrase, word = match["phrase"], match["word"]
        if word and not match["out"] and word.lower() == "or":
            alternative = bool(found)
            continue
        said = phrase if phrase is not None else word
        if said and said.strip():
            closed = phrase is not None and bool(match["closed"])
            found.append(Term(said.strip(), closed, bool(match["out"]), alternative))
        alternative = False
    return found


def _expression(terms: list[Term]) -> str:
    """The terms as one tsquery; empty when nothing would have to be there."""
    if not terms:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_FORMS, [[term.text for term in terms]])
        forms = cursor.fetchall()
    told = [(term, simple, english) for term, (simple, english) in zip(terms, forms, strict=True) if simple]
    # "the" or "is" of a question must not be in the text, unless there is nothing else or it was quoted.
    weighty = [one for one in told if one[2] or one[0].phrase]
    if any(not term.excluded for term, _, _ in weighty):
        told = weighty
    if all(term.excluded for term, _, _ in told):
        return ""
    last = terms[-1]
    alternatives: list[list[str]] = []
    for term, simple, english in told:
        clause = _begun(simple, english) if term is last and _goes_on(term) else _either(simple, english)
        if not alternatives or not term.alternative:
            alternatives.append([])
        alternatives[-1].append(f"!({clause})" if term.excluded else clause)
    return " & ".join(f"({' | '.join(clauses)})" for clauses in alternatives)


def _goes_on(term: Term) -> bool:
    """The last word may be one that is still being typed."""
    return not term.phrase and not term.excluded and len(term.text) >= GOES_ON


def _begun(simple: str, english: str) -> str:
    """A word that may go on. The stem of a word half typed may be a word of its own (`ans` → `an`): not that one."""
    return _either(f"{simple}:*", english if len(english) >= GOES_ON + len("''") else "")


def _either(simple: str, english: str) -> str:
    return f"({simple})" if not english or english == simple else f"(({simple}) | ({english}))"
