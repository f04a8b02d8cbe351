"""YAML streams read document by document, as plain text values with their lines; nothing is ever constructed.

Values stay the text that was written: `on`, `1.10` and `2024-01-01` are names here, as they are to Backstage, which
reads YAML 1.2. A document with an error costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = "tuple[str, ...]"

MOST_NODES = 100_000
DEEPEST = 60
_MARKER = re.compile(r"(?:---|\.\.\.)(?=\s|$)")
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is there: ten times faster
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


@dataclass(frozen=True)
class Document:
    """One document: its first line counted from 1, its value, the line of each value down to the fourth level."""

    line: int
    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)
    error: str = ""
    code: str = ""
    repeated: tuple[tuple[str, int], ...] = ()

    def line_of(self, *path: str) -> int:
        """Where the value at this path stands, or the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return self.line


class _TooMuch(ValueError):
    """More than a description of an entity can need."""


def documents(text: str) -> Iterator[Document]:
    """Every document of a stream; one that holds nothing has the value None."""
    for start, chunk in _chunks(text):
        yield _read(start, chunk)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of each document. A marker in the first column ends a document even inside a literal block,
    so that cutting there is exact; indented dashes never match."""
    start, kept, explicit = 1, list[str](), False
    for number, line in enumerate(text.split("\n"), 1):
        marker = _MARKER.match(line)
        if marker is None:
            kept.append(line)
            continue
        if explicit or _says_something(kept):
            yield start, "\n".join([*kept, ""])
        explicit = line.startswith("---")
        start, kept = number, ["   " + line[3:] if explicit else ""]
    if explicit or _says_something(kept):
        yield start, "\n".join(kept)


def _says_something(lines: list[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in lines)


def _read(start: int, chunk: str) -> Document:
    try:
        _weigh(chunk)
        node = yaml.compose(chunk, Loader=_LOADER)
        if node is None:
            return Document(start)
        _expanded(node, {})
        reader = _Reader(start)
        value = reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line if mark else 0, chunk.rstrip().count("\n"))  # an end that came too soon: the last line
        return Document(start + line, error=f"This is not YAML: {error.problem or error.context}.", code="bad_yaml")
    except yaml.YAMLError as error:
        return Document(start, error=f"This is not YAML: {' '.join(str(error).split())}.", code="bad_yaml")
    except _TooMuch as error:
        return Document(start, error=str(error), code="yaml_too_large")
    line = start + node.start_mark.line
    return Document(line, value, reader.lines, repeated=tuple(reader.repeated))


def _weigh(chunk: str) -> None:
    """Depth and number of nodes by events, which need no memory of what came before."""
    depth = 0
    for nodes, event in enumerate(yaml.parse(chunk, Loader=_LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _TooMuch(f"Lists and maps are nested more than {DEEPEST} deep; flatten the document.")
        if nodes > 2 * MOST_NODES:
            raise _TooMuch(f"The document has more than {MOST_NODES:,} values; split it.")


def _expanded(node: yaml.Node, known: dict[int, int | None]) -> int:
    """How many values a node has once its aliases are written out; refuses bombs and loops."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise _TooMuch("An alias refers to what contains it; write the value out.")
        return size
    known[id(node)] = None
    size = 1
    if isinstance(node, yaml.SequenceNode):
        size += sum(_expanded(child, known) for child in node.value)
    elif isinstance(node, yaml.MappingNode):
        size += sum(_expanded(key, known) + _expanded(child, known) for key, child in node.value)
    if size > MOST_NODES:
        raise _TooMuch(f"Written out, its aliases come to more than {MOST_NODES:,} values; write what is meant.")
    known[id(node)] = size
    return size


def clean(text: str) -> str:
    """Without what a database cannot keep: control characters and halves of characters."""
    return text.translate(_CONTROL).encode("utf-8", "replace").decode()


class _Reader:
    """Turns nodes into text, lists and maps, noting lines on the way."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.lines: dict[Path, int] = {}
        self.repeated: list[tuple[str, int]] = []

    def value(self, node: yaml.Node, path: Path) -> Value:
        if len(path) <= 4:
            self.lines.setdefault(path, self.start + node.start_mark.line)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, str(place))) for place, child in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        return None if node.tag == _NULL else clean(str(node.value))

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        merged: dict[str, Value] = {}
        own: dict[str, Value] = {}
        for key, child in node.value:
            if key.tag == _MERGE:
                merged = {**self.merged(child, path), **merged}
                continue
            name = clean(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in own:
                self.repeated.append((name, self.start + key.start_mark.line))
            own[name] = self.value(child, (*path, name))
        return {**merged, **own}

    def merged(self, node: yaml.Node, path: Path) -> dict[str, Value]:
        """What `<<` brings in: a map, or a list of maps of which the first wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Value] = {}
        for source in sources:
            if isinstance(source, yaml.MappingNode):
                found = {**self.mapping(source, path), **found}
        return found
