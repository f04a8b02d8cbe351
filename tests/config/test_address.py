from __future__ import annotations

import os
from pathlib import Path

import pytest
from kombu import Connection

from config.embedded import address


def test_the_place_follows_from_var_alone(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = address.place(var)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(var))
    monkeypatch.setenv("TMPDIR", str(var))
    assert address.place(var) == first


def test_two_projects_never_share_a_socket(var: Path) -> None:
    assert address.place(var / "one").sockets != address.place(var / "two").sockets


def test_the_socket_fits_however_long_the_path(var: Path) -> None:
    place = address.place(var / ("long " * 40) / ("longer " * 30))
    assert len(os.fsencode(place.socket)) < 104  # the smallest limit of all systems
    assert " " not in str(place.sockets)


def test_a_users_data_lie_in_var(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    place = address.place(var / "new")
    assert place.data == var / "new" / "postgresql"
    assert place.sockets.name.startswith("seamline-1000-")


def test_root_keeps_the_data_in_var_where_everybody_may_enter(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert address.place(var / "new").home == var / "new"


def test_root_keeps_the_data_elsewhere_behind_a_closed_folder(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    place = address.place(closed / "var")
    assert place.home.parent == address.ROOTS_LIBRARY

    closed.chmod(0o755)  # later opened: what was recorded stays
    (closed / "var").mkdir()
    (closed / "var" / address.ELSEWHERE).write_text(f"{place.home}\n")
    os.chown(closed / "var", 0, 0) if os.getuid() == 0 else monkeypatch.setattr(Path, "stat", _as_roots(Path.stat))
    assert address.place(closed / "var").home == place.home


def _as_roots(stat):
    def pretend(self, **options):
        values = list(stat(self, **options))
        values[4] = 0
        return os.stat_result(values)

    return pretend


def test_existing_data_stay_where_they_are(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (var / "postgresql").mkdir()
    var.chmod(0o700)
    assert address.place(var).home == var


def test_the_broker_lives_in_the_same_database(var: Path) -> None:
    database = address.django_database(var)
    url = address.broker_url(database)
    link = Connection(url)
    assert (link.hostname, link.virtual_host, link.userid) == (database["HOST"], "seamline", "postgres")


def test_passwords_survive_the_brokers_url() -> None:
    url = address.broker_url({"USER": "a@b", "PASSWORD": "p/w: %", "HOST": "db", "PORT": 6432, "NAME": "x y"})
    link = Connection(url)
    assert (link.userid, link.password, link.hostname, link.port, link.virtual_host) == (
        "a@b",
        "p/w: %",
        "db",
        6432,
        "x y",
    )


def test_only_a_broker_in_the_same_database_shares_its_tls() -> None:
    database = {"OPTIONS": {"sslmode": "require", "pool": {"min_size": 2}}}
    assert address.broker_options(database, shared=True)["conninfo"] == {"sslmode": "require"}
    assert address.broker_options(database, shared=False)["conninfo"] == {}
