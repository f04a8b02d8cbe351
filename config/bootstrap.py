"""Make .venv agree with a lock file: `python3 config/bootstrap.py requirements.lock`.

Runs with the system's own python3 before anything is installed: standard library only, and a syntax that an old Python
can still read, so that it can say which one is needed. A marker in .venv remembers what was installed; when the lock
changes, what differs is installed and what it no longer names is removed.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST_TRIED = 16
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARKER = VENV / "seamline-lock.json"
RUN, DEV = "requirements.lock", "requirements-dev.lock"  # the second holds all of the first
OF_PIP = {"pip", "setuptools", "wheel"}


class Problem(Exception):
    """Ends the set-up; the message is one line."""


def main(arguments):
    """Set .venv up for one lock file; returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in (RUN, DEV):
        print("usage: python3 config/bootstrap.py {}|{}".format(RUN, DEV), file=sys.stderr)
        return 2
    try:
        use_a_new_enough_python()
        with (ROOT / RUN).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # beside another `make`, wait for it
            set_up(arguments[0])
    except Problem as problem:
        print("seamline: {}".format(problem), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def use_a_new_enough_python():
    """Go on with python3.11 or newer, if python3 itself is older and one is installed beside it."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST_TRIED, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.{}".format(minor))
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 -- the same script in the newer Python
    found = "{}.{}".format(*sys.version_info[:2])
    raise Problem("Python 3.11 or newer is needed, python3 is {}: install one, or name it with PYTHON=".format(found))


def set_up(wanted):
    """Install unless the marker says that it was done."""
    marker = read_marker()
    if marker.get("sums", {}).get(wanted) == sum_of(wanted) and marker.get("python") == version_of_venv():
        return
    lock = DEV if marker.get("lock") == DEV else wanted  # who tests here once, keeps the tools
    print("setting up .venv from {} (this takes a minute or two)".format(lock), flush=True)
    with contextlib.suppress(OSError):
        MARKER.unlink()
    if version_of_venv() is None:
        make_venv()
    install(lock)
    remove_others(lock)
    sums = {name: sum_of(name) for name in ((RUN, DEV) if lock == DEV else (RUN,))}
    MARKER.write_text(json.dumps({"lock": lock, "python": version_of_venv(), "sums": sums}) + "\n")


def read_marker():
    """What was installed, or nothing."""
    try:
        return json.loads(MARKER.read_text())
    except (OSError, ValueError):
        return {}


def sum_of(lock):
    """The lock file's digest."""
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def version_of_venv():
    """The version of .venv's Python such as "3.11", None when there is none that works or it is too old."""
    code = "import sys, pip; print('{}.{}'.format(*sys.version_info[:2])); sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run(
            [str(PYTHON), "-I", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return None
    return None if done.returncode else done.stdout.decode().strip()


def make_venv():
    """A new .venv; Debian keeps the part that this needs in a package of its own."""
    if not (importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")):
        raise Problem("python3 lacks its venv module: install the package python3-venv, then try again")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Problem("the virtual environment .venv could not be made (the reason stands above)")


def install(lock):
    """Install exactly what the lock names, hashes checked."""
    done = pip("install", "-qq", "--require-hashes", "-r", str(ROOT / lock))
    if done.returncode:
        raise Problem("the packages of {} could not be installed (the reason stands above)".format(lock))


def remove_others(lock):
    """Remove what an earlier lock had brought."""
    lines = (ROOT / lock).read_text().splitlines()
    named = {plain(line.split("==")[0]) for line in lines if re.match(r"[A-Za-z0-9]", line)}
    listed = pip("list", "--format=json", stdout=subprocess.PIPE)
    others = sorted({plain(row["name"]) for row in json.loads(listed.stdout.decode() or "[]")} - named - OF_PIP)
    if others:
        pip("uninstall", "--quiet", "--yes", *others)


def pip(*arguments, **options):
    """Run .venv's pip, deaf to the settings of the user's own."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_USER="0")
    return subprocess.run([str(PYTHON), "-I", "-m", "pip", *arguments], env=environment, check=False, **options)


def plain(name):
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name.split("[")[0].strip()).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
