"""How the time of pages grows from 1,000 to 10,000 to 100,000 incidents, as ratios of one run.

Each size lies in a database of its own of one embedded PostgreSQL, with ten timeline rows and two alerts an incident,
and is asked by a process of its own through Django's test client; the sizes take turns. A ratio is reckoned in each
round by itself, and of these the median counts. The target is 1.3: who has a long history waits no longer. Also: an
incident with 10,000 alerts against one with 10. Prints the table and writes benchmarks/results/pages.json.
BENCH_SIZES, BENCH_ROUNDS and BENCH_EACH change what their names say.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import growing, servers

Pages = dict[str, dict[str, float]]
RESULT = Path(__file__).parent / "results" / "pages.json"
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000 10000 100000").split()]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
TARGET = 1.3
STORM, CALM = "incident, 10,000 alerts", "incident, 10 alerts"


def main() -> int:
    """Fill a database for each size, measure them in turns, print, write."""
    url = growing.prepare()
    grown = [growing.grow("paging", size, url) for size in SIZES]
    rounds: list[list[Pages]] = [[] for _ in SIZES]
    for number in range(ROUNDS):
        for place, process in enumerate(grown):
            rounds[place].append(growing.ask(process))
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    for process in grown:
        process.communicate()
    _write(rounds)
    return 0


def _ratio(over: list[float], under: list[float]) -> dict[str, float]:
    """Of each round its ratio: the median of them, the least and the most."""
    ratios = [one / other for one, other in zip(over, under, strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "least": round(min(ratios), 2),
        "most": round(max(ratios), 2),
    }


def _write(rounds: list[list[Pages]]) -> None:
    pages: dict[str, Any] = {}
    for name in rounds[0][0]:
        taken = [[one[name]["ms"] for one in found] for found in rounds]
        queries = [found[0][name]["queries"] for found in rounds]
        growth = _ratio(taken[-1], taken[0])
        pages[name] = {
            "ms": {str(size): round(statistics.median(one), 1) for size, one in zip(SIZES, taken, strict=True)},
            "own_ms": {
                str(size): round(statistics.median(one[name]["own_ms"] for one in found), 1)
                for size, found in zip(SIZES, rounds, strict=True)
            },
            "queries": dict(zip(map(str, SIZES), queries, strict=True)),
            **growth,
            "met": growth["ratio"] <= TARGET,
        }
        times = "".join(f"{milliseconds:9.1f}" for milliseconds in pages[name]["ms"].values())
        print(f"{name:32}{times} ms   × {growth['ratio']} ({growth['least']} to {growth['most']})", flush=True)
    storm = _ratio([one[STORM]["ms"] for one in rounds[-1]], [one[CALM]["ms"] for one in rounds[-1]])
    print(f"10,000 alerts against 10: × {storm['ratio']} ({storm['least']} to {storm['most']})")
    result = {
        "incidents": SIZES,
        "pages": pages,
        "storm": {**storm, "met": storm["ratio"] <= TARGET},
        "target": TARGET,
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).date().isoformat(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
