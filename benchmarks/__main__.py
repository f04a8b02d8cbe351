"""`make bench`: every benchmark, one after the other; `python -m benchmarks.intake` runs one.

Each in a process of its own, because each sets up its own environment.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks import servers

ALL = ("benchmarks.intake", "benchmarks.ownership", "benchmarks.pages", "benchmarks.patterns")

if __name__ == "__main__":
    ended = [subprocess.run([sys.executable, "-m", one], cwd=servers.ROOT, check=False).returncode for one in ALL]
    sys.exit(max(ended))
