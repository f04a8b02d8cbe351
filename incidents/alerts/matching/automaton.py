"""Patterns over whole values, in time linear in the value whatever the pattern: an automaton, never backtracking.

Globs know `*` and `?`. Expressions know literals, `.`, classes, `\\d \\w \\s`, groups, `|`, `* + ?` and `{m,n}`, as RE2
does, and no more: back-references and look-around cannot be matched in linear time. Letters match in either case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST = 300  # characters of a pattern
READ = 300  # characters of a value that are looked at
STATES = 400  # of one automaton, after repeats were written out
REPEATS = 100
_KEPT = 2000  # remembered steps; past that they are forgotten and found again

Test = Callable[[str], bool]

_CLASSES = {"d": str.isdigit, "w": lambda char: char.isalnum() or char == "_", "s": str.isspace}
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")


@dataclass(frozen=True)
class Node:
    """A part of a pattern: a test of one character, or parts in a row, or one of them, or one of them repeated."""

    test: Test | None = None
    parts: tuple[Node, ...] = ()
    either: bool = False
    least: int = 1
    most: int | None = 1  # None: without end


class PatternError(ValueError):
    """The pattern is not one that we take; says why."""


class Pattern:
    """A compiled pattern; `matches` looks at the whole value."""

    def __init__(self, tree: Node) -> None:
        self._nexts: list[tuple[Test | None, list[int]]] = [(None, [])]  # state 0 accepts
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._start = self._closed([self._build(tree, 0)])

    def matches(self, value: str) -> bool:
        """True when the pattern fits the value from its first to its last character (of the first READ)."""
        current = self._start
        for char in value[:READ]:
            following = self._steps.get((current, char))
            current = self._step(current, char) if following is None else following
            if not current:
                return False
        return 0 in current

    def _step(self, current: frozenset[int], char: str) -> frozenset[int]:
        reached = [after for state in current for after in self._after(state, char)]
        following = self._closed(reached)
        if len(self._steps) >= _KEPT:
            self._steps.clear()
        self._steps[current, char] = following
        return following

    def _after(self, state: int, char: str) -> list[int]:
        test, nexts = self._nexts[state]
        return nexts if test is not None and test(char) else []

    def _closed(self, states: list[int]) -> frozenset[int]:
        """These states and all that are reached from them without a character."""
        seen, waiting = set(states), list(states)
        while waiting:
            test, nexts = self._nexts[waiting.pop()]
            if test is None:
                new = [one for one in nexts if one not in seen]
                seen.update(new)
                waiting.extend(new)
        return frozenset(seen)

    def _state(self, test: Test | None, nexts: list[int]) -> int:
        if len(self._nexts) >= STATES:
            raise PatternError("the pattern is too large; write fewer or smaller repeats")
        self._nexts.append((test, nexts))
        return len(self._nexts) - 1

    def _build(self, node: Node, after: int) -> int:
        """The state in which `node` begins, when `after` follows it."""
        if node.most is None:
            loop = self._state(None, [after])
            self._nexts[loop][1].append(self._once(node, loop))
            after = loop
        else:
            end = after
            for _ in range(node.most - node.least):
                after = self._state(None, [self._once(node, after), end])
        for _ in range(node.least):
            after = self._once(node, after)
        return after

    def _once(self, node: Node, after: int) -> int:
        if node.test is not None:
            return self._state(node.test, [after])
        if node.either:
            return self._state(None, [self._build(part, after) for part in node.parts])
        for part in reversed(node.parts):
            after = self._build(part, after)
        return after


def glob(text: str) -> Pattern:
    """`*` is any run of characters, `?` is one, everything else stands for itself."""
    _require_short(text)
    wild = {"*": Node(test=_any, least=0, most=None), "?": Node(test=_any)}
    return Pattern(Node(parts=tuple(wild.get(char) or _literal(char) for char in text)))


def expression(text: str) -> Pattern:
    """A regular expression for the whole value; PatternError says what we do not take."""
    _require_short(text)
    return Pattern(_Parser(text.removeprefix("^")).whole())


def _require_short(text: str) -> None:
    if len(text) > LONGEST:
        raise PatternError(f"the pattern is longer than {LONGEST} characters")


def _literal(char: str) -> Node:
    folded = char.casefold()
    return Node(test=lambda other: other.casefold() == folded)


def _any(_: str) -> bool:
    return True


class _Parser:
    """From the text of an expression to its tree, left to right."""

    def __init__(self, text: str) -> None:
        body = text.removesuffix("$")
        escaped = (len(body) - len(body.rstrip("\\"))) % 2 == 1
        self._text = text if escaped else body
        self._at = 0

    def whole(self) -> Node:
        tree = self._either()
        if self._at < len(self._text):
            raise PatternError("a “)” closes no group")
        return tree

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError("the pattern ends too early")
        self._at += 1
        return char

    def _either(self) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Node(parts=tuple(branches), either=True)

    def _sequence(self) -> Node:
        nodes: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            nodes.append(self._repeated(self._one()))
        return Node(parts=tuple(nodes))

    def _repeated(self, node: Node) -> Node:
        least: int = 1
        most: int | None = 1
        char = self._peek()
        if char and char in "*+?":
            self._at += 1
            least, most = (1 if char == "+" else 0), (1 if char == "?" else None)
        elif char == "{":
            least, most = self._count()
        else:
            return node
        if self._peek() in {"?", "+", "*", "{"}:
            raise PatternError("a repeat of a repeat: put the first one into a group")
        return replace(node, least=least, most=most)

    def _count(self) -> tuple[int, int | None]:
        found = _COUNT.match(self._text, self._at)
        if found is None:
            raise PatternError("“{” begins a count such as {2,5}; write \\{ for the character")
        self._at = found.end()
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if max(least, most or 0) > REPEATS or (most is not None and most < least):
            raise PatternError(f"a count goes from a smaller to a larger number, at most {REPEATS}")
        return least, most

    def _one(self) -> Node:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escaped()
        if char == ".":
            return Node(test=_any)
        if char in "*+?{":
            raise PatternError(f"“{char}” repeats nothing; write \\{char} for the character")
        if char in "^$":
            raise PatternError("the pattern is for the whole value, so ^ and $ have no place inside it")
        return _literal(char)

    def _group(self) -> Node:
        if self._peek() == "?":
            if self._text[self._at : self._at + 2] != "?:":
                raise PatternError("groups with “(?” look around or name things, which we do not take")
            self._at += 2
        inner = self._either()
        if self._peek() != ")":
            raise PatternError("a group is not closed")
        self._at += 1
        return Node(parts=(inner,))

    def _escaped(self) -> Node:
        char = self._take()
        if char.lower() in _CLASSES:
            test = _CLASSES[char.lower()]
            return Node(test=test if char.islower() else lambda other: not test(other))
        if char.isalnum():
            raise PatternError(f"\\{char} is not taken; there are \\d, \\w, \\s and their opposites")
        return _literal(char)

    def _class(self) -> Node:
        negated = self._peek() == "^"
        self._at += negated
        tests: list[Test] = []
        while self._peek() != "]" or not tests:
            tests.append(self._member())
        self._at += 1

        def fits(char: str) -> bool:
            # Letters in either case, as everywhere in a pattern.
            return any(test(one) for test in tests for one in {char, char.lower(), char.upper()}) is not negated

        return Node(test=fits)

    def _member(self) -> Test:
        char = self._take()
        if char == "\\":
            char = self._take()
            if char.lower() in _CLASSES:
                test = _CLASSES[char.lower()]
                return test if char.islower() else lambda other: not test(other)
            if char.isalnum():
                raise PatternError(f"\\{char} is not taken; there are \\d, \\w, \\s and their opposites")
        if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"", "]"}:
            self._at += 1
            last = self._take()
            if last == "\\" or last < char:
                raise PatternError("a range goes from a lower to a higher character")
            return lambda other: char <= other <= last
        return lambda other: other == char
