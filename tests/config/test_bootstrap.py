"""The set-up script: what it decides, without installing anything (tests/long does that)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose .venv is this test's own Python, and whose pip only takes notes."""
    (tmp_path / "requirements.lock").write_text("django==5.2 \\\n    --hash=sha256:00\n    # via x\n")
    (tmp_path / "requirements-dev.lock").write_text("django==5.2 \\\n    --hash=sha256:00\npytest==9\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(bootstrap, "MARKER", tmp_path / ".venv" / "seamline-lock.json")
    return tmp_path


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    calls: list[tuple[str, ...]] = []

    def note(*arguments: str, **_: object) -> subprocess.CompletedProcess[bytes]:
        calls.append(arguments)
        listed = [{"name": name} for name in ("Django", "Old_Thing", "pip", "pytest")]
        return subprocess.CompletedProcess(arguments, 0, stdout=json.dumps(listed).encode())

    monkeypatch.setattr(bootstrap, "pip", note)
    return calls


def test_it_installs_once(project: Path, pip: list[tuple[str, ...]]) -> None:
    assert bootstrap.main(["requirements.lock"]) == 0
    assert pip[0][0] == "install"
    assert "--require-hashes" in pip[0]
    pip.clear()
    assert bootstrap.main(["requirements.lock"]) == 0
    assert pip == []


def test_a_changed_lock_is_installed_and_what_it_dropped_removed(project: Path, pip: list[tuple[str, ...]]) -> None:
    bootstrap.main(["requirements.lock"])
    pip.clear()
    (project / "requirements.lock").write_text("django==5.2.1 \\\n    --hash=sha256:01\n")
    bootstrap.main(["requirements.lock"])
    assert pip[0][0] == "install"
    assert pip[-1] == ("uninstall", "--quiet", "--yes", "old-thing", "pytest")


def test_who_has_the_test_tools_keeps_them(project: Path, pip: list[tuple[str, ...]]) -> None:
    bootstrap.main(["requirements-dev.lock"])
    pip.clear()
    bootstrap.main(["requirements.lock"])  # the larger lock holds the smaller
    assert pip == []
    (project / "requirements.lock").write_text("django==5.2.1 \\\n    --hash=sha256:01\n")
    bootstrap.main(["requirements.lock"])
    assert pip[0][-1].endswith("requirements-dev.lock")


def test_an_installation_that_was_cut_off_is_done_again(
    project: Path, pip: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(lock: str) -> None:
        raise bootstrap.Problem("the line went dead")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "install", cut_off)
        assert bootstrap.main(["requirements.lock"]) == 1
    assert bootstrap.main(["requirements.lock"]) == 0
    assert pip[0][0] == "install"


def test_a_venv_of_another_python_is_made_anew(
    project: Path, pip: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    versions = iter([None, None, "3.11"])
    monkeypatch.setattr(bootstrap, "version_of_venv", lambda: next(versions))
    monkeypatch.setattr(bootstrap, "make_venv", lambda: made.append(True))
    assert bootstrap.main(["requirements.lock"]) == 0
    assert made


def test_debians_missing_package_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", project / "none")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert bootstrap.main(["requirements.lock"]) == 1
    said = capsys.readouterr().err
    assert "python3-venv" in said
    assert said.count("\n") == 1


def test_an_old_python_says_what_is_needed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.main(["requirements.lock"]) == 1
    assert "Python 3.11 or newer is needed, python3 is 3.9" in capsys.readouterr().err


def test_an_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if name in {"python3.11", "python3.12"} else None
    )

    def take(path: str, arguments: list[str]) -> None:
        handed.append(path)
        raise bootstrap.Problem("handed over")

    monkeypatch.setattr(bootstrap.os, "execv", take)
    bootstrap.main(["requirements.lock"])
    assert handed == ["/usr/bin/python3.12"]


def test_an_old_python_can_read_the_script() -> None:
    ast.parse((ROOT / "config" / "bootstrap.py").read_text(), feature_version=(3, 6))


def test_the_lock_of_the_tests_holds_the_other() -> None:
    def pins(name: str) -> set[str]:
        return {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if line[:1].isalnum()}

    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run - dev == set()
    assert len(run) > 50


def test_the_locks_name_no_host_and_hash_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
