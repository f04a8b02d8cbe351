"""How fast the patterns answer about twelve months, at 100,000 incidents with 250,000 findings over ten years.

The same twelve months with a tenth as much before them give the growth; both take turns, so that what the machine does
meanwhile hits both. `--million` (or BENCH_MILLION=1) also measures 1,000,000 with 2,500,000. The plain join runs in the
same rounds. Prints the table and writes benchmarks/results/patterns.json; BENCH_ROUNDS and BENCH_EACH change what their
names say.
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

RESULT = Path(__file__).parent / "results" / "patterns.json"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
THIN, BASE, MILLION = 19_000, 100_000, 1_000_000  # BASE: THIN with ten times as much before the twelve months
P95_MS, GROWTH = {BASE: 150, MILLION: 400}, 1.3
PLAIN = "plain join"
Rounds = list[dict[str, dict[str, Any]]]


def main() -> int:
    """Fill a database for each size, measure them in turns, print, write."""
    million = "--million" in sys.argv or os.environ.get("BENCH_MILLION") == "1"
    sizes = [THIN, BASE, *([MILLION] if million else [])]
    url = growing.prepare()
    processes = [growing.grow("charting", size, url) for size in sizes]
    rounds: dict[int, Rounds] = {size: [] for size in sizes}
    for number in range(ROUNDS):
        for size, process in zip(sizes, processes, strict=True):
            rounds[size].append(growing.ask(process))
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    for process in processes:
        process.communicate()
    _write(rounds)
    return 0


def measured(found: Rounds, name: str) -> dict[str, Any]:
    """Milliseconds of one address over all rounds, and of its first views after something new."""
    told: dict[str, Any] = {}
    for kind, word in (("ms", ""), ("fresh_ms", "first_view_")):
        taken = [one for each in found for one in each[name].get(kind, [])]
        if taken:
            told[f"{word}p50_ms"] = round(statistics.median(taken), 1)
            told[f"{word}p95_ms"] = round(statistics.quantiles(taken, n=20, method="inclusive")[18], 1)
            told[f"{word}least_ms"] = round(min(taken), 1)
    return told | ({"queries": found[0][name]["queries"]} if "queries" in found[0][name] else {})


def growth(thin: Rounds, grown: Rounds, name: str) -> dict[str, float]:
    """Of each round the ratio of the medians: the median of them, the least and the most."""
    ratios = [
        statistics.median(over[name]["ms"]) / statistics.median(under[name]["ms"])
        for over, under in zip(grown, thin, strict=True)
    ]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "least": round(min(ratios), 2),
        "most": round(max(ratios), 2),
    }


def _write(rounds: dict[int, Rounds]) -> None:
    charts: dict[str, Any] = {}
    for name in rounds[BASE][0]:
        sizes = {str(size): measured(found, name) for size, found in rounds.items()}
        grows = growth(rounds[THIN], rounds[BASE], name)
        charts[name] = {**sizes, "growth": grows}
        if name != PLAIN:
            charts[name]["met"] = {
                **{str(size): sizes[str(size)]["p95_ms"] <= most for size, most in P95_MS.items() if size in rounds},
                "growth": grows["ratio"] < GROWTH,
                "queries": len({one["queries"] for one in sizes.values()}) == 1,
            }
        times = "".join(f"{one['p50_ms']:9.1f}{one['p95_ms']:9.1f}" for one in sizes.values())
        print(f"{name:28}{times} ms   × {grows['ratio']} ({grows['least']} to {grows['most']})", flush=True)
    result = {
        "incidents": list(rounds),
        "charts": charts,
        "targets": {"p95_ms": P95_MS, "growth": GROWTH},
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).date().isoformat(),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
