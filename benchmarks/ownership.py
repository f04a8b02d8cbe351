"""How reads of the catalogue grow from 1,000 to 10,000 components, as ratios of times in one run.

Resolution (labels → owner, component → services → owner) should stay about the same, a blast radius should cost as
much for each row that it returns, and pages should take the same number of queries. Both sizes lie in databases of
one embedded PostgreSQL and are measured in turns, so that what the machine does meanwhile hits both alike. Prints the
table and writes benchmarks/results/ownership.json.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import growing, servers

Reads = dict[str, dict[str, float]]
RESULT = Path(__file__).parent / "results" / "ownership.json"
SIZES = (1_000, 10_000)
ROUNDS = 5


def main() -> int:
    """Fill two databases, measure them in turns, print, write."""
    url = growing.prepare()
    grown = [growing.grow("growth", size, url) for size in SIZES]
    rounds: list[list[Reads]] = [[] for _ in SIZES]
    for number in range(ROUNDS):
        for place, process in enumerate(grown):
            rounds[place].append(growing.ask(process))
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    for process in grown:
        process.communicate()
    small, large = (_quickest(found) for found in rounds)
    _write(small, large)
    return 0


def _quickest(rounds: list[Reads]) -> Reads:
    """Of each read its quickest round, for whatever else the machine does only makes it slower."""
    return {name: min((found[name] for found in rounds), key=lambda one: one["ms"]) for name in rounds[0]}


def _write(small: Reads, large: Reads) -> None:
    reads: dict[str, Any] = {}
    for name, before in small.items():
        after = large[name]
        reads[name] = {
            "1k": {key: round(value, 2) for key, value in before.items()},
            "10k": {key: round(value, 2) for key, value in after.items()},
            "ratio": round(after["ms"] / before["ms"], 2),
        }
        if "rows" in before:
            per_row = (after["ms"] / after["rows"]) / (before["ms"] / before["rows"])
            reads[name]["ratio_per_row"] = round(per_row, 2)
        print(f"{name:34} {before['ms']:9.2f} ms {after['ms']:9.2f} ms   × {reads[name]['ratio']}", flush=True)
    result = {
        "components": SIZES,
        "reads": reads,
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).date().isoformat(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
