"""What an adapter reads out of a file, written so that a person can check it at a glance.

A reading is `state severity event-time problem-key`, a rejection `! place reason`; `-` where there is none.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import Parsed

OURS = Path(__file__).parent.parent / "payloads"
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)


def bodies(folder: Path) -> list[Path]:
    """The payloads of a folder, without the files of their headers."""
    return [path for path in sorted(folder.glob("*.json")) if not path.name.endswith(".headers.json")]


def headers_of(path: Path) -> dict[str, str]:
    """The headers that lie beside a payload, as adapters get them."""
    beside = path.with_name(f"{path.stem}.headers.json")
    return (
        {name.lower(): str(value) for name, value in json.loads(beside.read_text()).items()} if beside.is_file() else {}
    )


def parse(kind: str, path: Path, received_at: datetime = NOW) -> Parsed:
    """A file, read by a kind's adapter."""
    return registry.adapter(kind).parse(path.read_bytes(), headers_of(path), received_at=received_at)


def ours(kind: str, name: str) -> Parsed:
    """One of our own payloads."""
    return parse(kind, OURS / kind / f"{name}.json")


def told(parsed: Parsed) -> list[str]:
    """Each reading and rejection as a line."""
    read = [
        f"{one.state.value} {one.severity.value} {one.as_json()['event_time'] or '-'} {one.problem_key}"
        for one in parsed.readings
    ]
    refused = [f"! {'-' if one.index is None else one.index} {one.reason}" for one in parsed.rejections]
    return read + refused


def told_of(kind: str) -> str:
    """All payloads of a kind, as `expected.txt` beside them has them."""
    parts = []
    for path in bodies(OURS / kind):
        parts += [path.stem, *(f"  {line}" for line in told(parse(kind, path)))]
    return "\n".join(parts) + "\n"
