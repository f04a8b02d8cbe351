"""The questions that layers and failure modes ask: data in questions.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incidents.response.vocabulary import Layer

FILE = Path(__file__).with_name("questions.toml")
SIX = tuple(layer for layer in Layer if layer != Layer.MODEL)  # what is ruled out before it was the model


@dataclass(frozen=True)
class Question:
    """One question of a layer; one with `modes` is asked only while a finding of such a mode stands."""

    code: str
    layer: str
    text: str
    help: str
    modes: frozenset[str]
    position: int

    @property
    def key(self) -> str:
        """The key of the section that holds its answer."""
        return f"q-{self.code}"

    def is_asked(self, layers: Collection[str], modes: Collection[str]) -> bool:
        """True when these layers and these modes bring it."""
        return self.layer in layers and (not self.modes or not self.modes.isdisjoint(modes))


@functools.cache
def book() -> Mapping[str, Question]:
    """Every question by the key of its answer, layer by layer in the order of the vocabulary."""
    entries: list[dict[str, Any]] = _read()["question"]
    order = {layer.value: place for place, layer in enumerate(Layer)}
    entries.sort(key=lambda entry: order[layer_of(entry["code"])])
    questions = [
        Question(
            entry["code"],
            layer_of(entry["code"]),
            entry["text"],
            entry["help"],
            frozenset(entry.get("modes", ())),
            position,
        )
        for position, entry in enumerate(entries)
    ]
    return {question.key: question for question in questions}


def asked_by(layers: Collection[str], modes: Collection[str] = ()) -> list[Question]:
    """What these layers ask, and what these modes bring besides, in the order of the page."""
    return [question for question in book().values() if question.is_asked(layers, modes)]


@functools.cache
def looked_at() -> Mapping[str, str]:
    """What to look at before a layer is ruled out, by layer."""
    told: dict[str, str] = _read()["ruled_out"]
    return told


def layer_of(code: str) -> str:
    """The layer that a question's code begins with: `latency-budget` → `latency`."""
    return code.partition("-")[0]


def ruled_out_key(layer: str) -> str:
    """The key of the section that says why a layer is ruled out."""
    return f"out-{layer}"


@functools.cache
def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())
