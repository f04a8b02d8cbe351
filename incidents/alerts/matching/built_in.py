"""The rules that Seamline brings for suggesting a layer: data in layers.toml."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from incidents.alerts.matching import conditions
from incidents.alerts.matching.conditions import Condition

FILE = Path(__file__).with_name("layers.toml")


@dataclass(frozen=True)
class BuiltIn:
    """One such rule. `version` rises when what it asks for changes; `mode` is empty where it cannot tell."""

    code: str
    version: int
    name: str
    layer: str
    mode: str
    conditions: tuple[Condition, ...]


@functools.cache
def rules() -> tuple[BuiltIn, ...]:
    """All of them, in their order."""
    return tuple(
        BuiltIn(
            code=entry["code"],
            version=entry["version"],
            name=entry["name"],
            layer=entry["layer"],
            mode=entry.get("mode", ""),
            conditions=conditions.checked(conditions.load(entry["conditions"])),
        )
        for entry in tomllib.loads(FILE.read_text("utf-8"))["rule"]
    )
