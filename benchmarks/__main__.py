"""`make bench`: every benchmark, one after the other; `python -m benchmarks.hook` runs one."""

from __future__ import annotations

import sys

from benchmarks import hook

if __name__ == "__main__":
    sys.exit(hook.main())
