"""The questions that layers ask: data in questions.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from incidents.response.vocabulary import Layer

FILE = Path(__file__).with_name("questions.toml")


@dataclass(frozen=True)
class Question:
    """One question, and the layer that asks it."""

    layer: str
    text: str


@functools.cache
def book() -> dict[str, tuple[str, ...]]:
    """Every layer's questions, in the order of the layers."""
    read = tomllib.loads(FILE.read_text())
    return {layer.value: tuple(read[layer.value]) for layer in Layer}


def asked_by(layers: Collection[str]) -> list[Question]:
    """What these layers ask, grouped by layer, in the order in which the vocabulary names them."""
    return [Question(layer, text) for layer, texts in book().items() if layer in layers for text in texts]
