"""The built-in failure modes: data in modes.toml, loaded after every migrate."""

from __future__ import annotations

import tomllib
from pathlib import Path

from incidents.response.models import FailureMode

FILE = Path(__file__).with_name("modes.toml")


def load() -> int:
    """Upsert the built-in modes in one statement; returns how many there are. Organisations' own modes stay."""
    modes = [
        FailureMode(layer=entry["code"].split(".")[0], built_in=True, **entry)
        for entry in tomllib.loads(FILE.read_text())["mode"]
    ]
    FailureMode.objects.bulk_create(
        modes,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["layer", "name", "definition", "detection", "countermeasures", "references", "built_in"],
    )
    return len(modes)
