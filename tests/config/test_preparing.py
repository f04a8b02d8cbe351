from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from config import static
from config.embedded.errors import CannotStart
from config.supervisor import preparing


@pytest.mark.django_db
def test_a_database_that_answers_is_fine() -> None:
    preparing.check_database()


@pytest.mark.django_db
def test_too_old_a_server_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "OLDEST", 990_000)
    with pytest.raises(CannotStart, match=r"is PostgreSQL \d+\.\d+, Seamline needs 15 or newer"):
        preparing.check_database()


@pytest.mark.django_db
def test_a_broken_address_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    broken = DatabaseWrapper(connection.settings_dict | {"HOST": "127.0.0.1", "PORT": "1", "PASSWORD": "secret"})
    monkeypatch.setattr(preparing, "connection", broken)
    with pytest.raises(CannotStart) as caught:
        preparing.check_database()
    words = str(caught.value)
    assert words.startswith("DATABASE_URL: 127.0.0.1:1/")
    assert "\n" not in words
    assert "secret" not in words


def test_a_broken_broker_is_told_without_its_password(settings: pytest.FixtureRequest) -> None:
    settings.CELERY_BROKER_URL = "pgmq://me:secret@127.0.0.1:1/seamline"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"conninfo": {"connect_timeout": "2"}}
    with pytest.raises(CannotStart) as caught:
        preparing.check_broker()
    assert str(caught.value).startswith("CELERY_BROKER_URL: pgmq://…127.0.0.1:1/seamline does not work")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_migrating_twice_changes_nothing_and_frees_its_lock() -> None:
    preparing.migrate()
    preparing.migrate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


def test_static_files_are_collected_once_until_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    monkeypatch.setattr(settings, "STATICFILES_DIRS", [source])
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    _forget_finders()
    runs: list[list[str]] = []

    def collect(command: list[str], **_: object) -> subprocess.Popen[bytes]:
        runs.append(command)
        (tmp_path / "static").mkdir(exist_ok=True)
        (tmp_path / "static" / "staticfiles.json").write_text("{}")
        return real(["/bin/true"])

    real = subprocess.Popen
    monkeypatch.setattr(preparing.subprocess, "Popen", collect)
    try:
        for _ in range(2):
            preparing.StaticFiles(tmp_path, tmp_path, tmp_path / "log").finish()
        assert len(runs) == 1
        assert "collectstatic" in runs[0]

        os.utime(source / "a.css", (1, 1))
        preparing.StaticFiles(tmp_path, tmp_path, tmp_path / "log").abandon()  # killed half-way: begins anew
        assert len(runs) == 2
        preparing.StaticFiles(tmp_path, tmp_path, tmp_path / "log").finish()
        preparing.StaticFiles(tmp_path, tmp_path, tmp_path / "log").finish()
        assert len(runs) == 3
    finally:
        monkeypatch.undo()
        _forget_finders()


def test_collecting_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    log = tmp_path / "log"
    files = preparing.StaticFiles(tmp_path, tmp_path, log)  # there is no manage.py in that folder
    with pytest.raises(CannotStart, match=r"could not be collected: .*manage\.py"):
        files.finish()


def _forget_finders() -> None:
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()


def test_large_files_are_compressed_quickly_and_small_ones_well() -> None:
    import brotli

    small, large = b"seamline " * 100, os.urandom(1000) * 600
    for data in (small, large):
        assert brotli.decompress(static.QuickCompressor.compress_brotli(data)) == data
    assert static.QuickCompressor.compress_brotli(small) == brotli.compress(small, quality=11)


def test_source_maps_are_no_part_of_the_hashing() -> None:
    rules = [str(rule) for _, rules in static.HouseStorage.patterns for rule in rules]
    assert rules
    assert not [rule for rule in rules if "sourceMappingURL" in rule]
