"""`make test`, `make test-long`: what CI checks, each step announced; `python -m tests.checks ruff mypy` runs some."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent
UNIT = ("tests", "--ignore=tests/e2e", "--ignore=tests/long")
REQUIRED = os.environ.get("REQUIRE_SHARED") == "1"


def main(wanted: list[str]) -> int:
    """Run the steps in order; go on after a failure, so that one run tells all."""
    unknown = set(wanted) - set(STEPS)
    if unknown:
        print(f"no such step: {', '.join(sorted(unknown))}; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    failed = []
    for name, step in STEPS.items():
        if name not in (wanted or SHORT):
            continue
        print(f"\n=== {name}: {step.__doc__}", flush=True)
        begin = time.monotonic()
        try:
            good = step()
        except KeyboardInterrupt:
            return 130
        if not good:
            failed.append(name)
            print(f"=== {name} FAILED after {time.monotonic() - begin:.1f} s", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def ruff() -> bool:
    """lint"""
    return _python("ruff", "check", ".")


def layout() -> bool:
    """ruff format --check"""
    return _python("ruff", "format", "--check", ".")


def djlint() -> bool:
    """lint of the templates"""
    return _python("djlint", "templates", "--lint", "--profile=django")


def mypy() -> bool:
    """strict types"""
    return _python("mypy", **_apart())


def laws() -> bool:
    """the laws of the rooms, held by import-linter"""
    return _run([sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"])


def deploy() -> bool:
    """Django's check --deploy"""
    return _manage("check", "--deploy", "--fail-level", "WARNING")


def migrations() -> bool:
    """no model change without its migration"""
    return _manage("makemigrations", "--check", "--dry-run", PYTHONWARNINGS="ignore")


def unit() -> bool:
    """pytest on the embedded PostgreSQL, parallel, with branch coverage"""
    return _pytest(*UNIT, "-n", "auto", "--cov", "--cov-report=term", TEST_DATABASE_URL="")


def compat() -> bool:
    """the same tests on the PostgreSQL, Redis and RabbitMQ that this machine has"""
    database, brokers = services.database(), services.brokers()
    print("PostgreSQL:", services.shown(database) if database else "none found")
    print("brokers:", ", ".join(map(services.shown, brokers)) or "none found", flush=True)
    missing = [what for what, there in (("PostgreSQL", database), ("Redis or RabbitMQ", brokers)) if not there]
    if missing and REQUIRED:
        print(f"REQUIRE_SHARED=1, but there is no {' and no '.join(missing)} here", file=sys.stderr)
        return False
    environment = {"TEST_BROKER_URLS": " ".join(brokers)}
    if database:
        return _pytest(*UNIT, "-n", "auto", TEST_DATABASE_URL=database, **environment)
    if brokers:
        return _pytest(*UNIT, "-m", "compat", TEST_DATABASE_URL="", **environment)
    return True


def browser() -> bool:
    """pytest in headless Chromium"""
    return _in_chromium("not long")


def walks() -> bool:
    """the long walks in headless Chromium"""
    return _in_chromium("long")


def _in_chromium(chosen: str) -> bool:
    if services.chromium() is None and not services.install_chromium():
        print(
            "no Chromium: install the package chromium, or run `.venv/bin/python -m playwright install chromium`",
            file=sys.stderr,
        )
        return False
    if services.alertmanager() is None and not services.install("prometheus-alertmanager"):
        print("no Alertmanager: install the package prometheus-alertmanager", file=sys.stderr)
        return False
    return _pytest("tests/e2e", "-m", chosen, CHROMIUM_PATH=services.chromium() or "", TEST_DATABASE_URL="")


def stack() -> bool:
    """pytest that starts, kills and restarts the whole stack"""
    return _pytest("tests/long")


STEPS: dict[str, Callable[[], bool]] = {
    "ruff": ruff,
    "format": layout,
    "djlint": djlint,
    "mypy": mypy,
    "laws": laws,
    "deploy": deploy,
    "migrations": migrations,
    "unit": unit,
    "browser": browser,
    "walks": walks,
    "compat": compat,
    "long": stack,
}
SHORT = [name for name in STEPS if name not in {"walks", "compat", "long"}]


def _pytest(*arguments: str, **environment: str) -> bool:
    return _python("pytest", *arguments, **environment)


def _manage(*arguments: str, **environment: str) -> bool:
    return _run([sys.executable, "manage.py", *arguments], **_apart(), **environment)


def _python(module: str, *arguments: str, **environment: str) -> bool:
    return _run([sys.executable, "-m", module, *arguments], **environment)


def _apart() -> dict[str, str]:
    """Settings as in production, and nothing of this machine's own: no database answers there, none is asked."""
    return {
        "BASE_URL": "https://seamline.example.org",
        "SECRET_KEY": "not-a-secret-but-long-and-varied-enough-for-the-check-0123456789",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SEAMLINE_VAR": str(Path(tempfile.gettempdir()) / "seamline-checks"),
    }


def _run(command: list[str], **environment: str) -> bool:
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
