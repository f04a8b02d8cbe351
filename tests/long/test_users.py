"""Root and a normal user: both start it, each in folders of their own kind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import address
from tests.long.stack import PASSWORD, Stack, clone, until

NAME = "seamline-tester"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try both")


@pytest.fixture
def somebody() -> Iterator[str]:
    """A normal user, for the time of the test."""
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        subprocess.run(["/usr/sbin/useradd", "--create-home", "--user-group", NAME], check=True, capture_output=True)
    yield NAME
    subprocess.run(["/usr/sbin/userdel", "--remove", NAME], check=False, capture_output=True)


def test_a_normal_user_on_a_bare_clone(somebody: str) -> None:
    home = Path(pwd.getpwnam(somebody).pw_dir)
    folder = clone(home / "my projects" / "seamline")
    subprocess.run(["/bin/chown", "-R", somebody, str(home)], check=True)
    stack = Stack(folder, user=somebody, extra={"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin"})
    stack.output = home / "out"
    try:
        stack.start()
        assert PASSWORD.search(stack.said)
        stack.await_ready()
        uid = pwd.getpwnam(somebody).pw_uid
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.family()} == {uid}
        assert (folder / "var" / "postgresql").stat().st_uid == uid
        stack.interrupt()
        until(lambda: not stack.family(), 5)
    finally:
        stack.kill_everything()


def test_root_behind_a_closed_folder(project: Path) -> None:
    """As in root's home: nobody else can pass, PostgreSQL's user neither."""
    closed = Path(tempfile.mkdtemp(prefix="closed ", dir="/tmp")).resolve()  # mode 0700
    folder = clone(closed / "seamline")
    if (project / ".venv").exists():  # made by an earlier test: saves a minute
        subprocess.run(["/bin/cp", "-al", str(project / ".venv"), str(folder / ".venv")], check=True)
    stack = Stack(folder)
    try:
        stack.start()
        stack.await_ready()
        postgres = stack.pid_of("postgres")
        assert Path(f"/proc/{postgres}").stat().st_uid != 0
        assert Path(f"/proc/{postgres}/cwd").readlink().is_relative_to(address.ROOTS_LIBRARY)
        assert closed.stat().st_mode & 0o777 == 0o700  # we opened nothing of root's
        stack.interrupt()
        until(lambda: not stack.family(), 5)
        assert stack.start() < 20
        assert not PASSWORD.search(stack.said)
        stack.interrupt()
    finally:
        stack.kill_everything()
        shutil.rmtree(stack.postgres_data().parent, ignore_errors=True)
        shutil.rmtree(closed, ignore_errors=True)
