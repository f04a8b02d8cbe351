"""The environment, read once and typed; a wrong value raises SettingsError, one line that names it."""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError, validate

ROOT = Path(__file__).resolve().parent.parent
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAIL_SCHEMES = ("smtp", "submission")
BROKER_SCHEMES = ("pgmq", "redis", "rediss", "amqp", "amqps")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable and the cure."""


@dataclass(frozen=True)
class Environment:
    """Every setting that the environment may carry.

    `database` is Django's dict of the external database, None for the embedded one.
    """

    var: Path
    secret_key: str
    secret_key_fallbacks: list[str]
    database: dict[str, Any] | None
    broker_url: str | None
    base_url: str
    allowed_hosts: list[str]
    email: dict[str, Any] | None
    debug: bool
    process: str
    quiet_seconds: int
    confirm_ownership_days: int
    hook_per_second: int
    keep_bodies_days: int
    outgoing_networks: list[Network]
    attachment_mb: int
    attachments_mb: int
    log_level: str
    secure: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secure", self.base_url.startswith("https://"))


def read() -> Environment:
    """Read the process environment, or raise SettingsError naming the variable at fault."""
    env = Env()
    var = Path(os.environ.get("SEAMLINE_VAR") or ROOT / "var")
    try:
        base_url = env.str("BASE_URL", "http://localhost:8000", validate=_is_web_url).rstrip("/")
        return Environment(
            var=var,
            secret_key=env.str("SECRET_KEY", "") or _kept_secret_key(var),
            secret_key_fallbacks=env.list("SECRET_KEY_FALLBACKS", []),
            database=_database(env),
            broker_url=_broker(env),
            base_url=base_url,
            allowed_hosts=env.list("ALLOWED_HOSTS", _default_hosts(base_url)),
            email=_email(env),
            debug=env.bool("DEBUG", False),
            process=env.str("SEAMLINE_PROCESS", "command"),
            quiet_seconds=env.int("QUIET_SECONDS", 60, validate=validate.Range(min=0, max=86_400)),
            confirm_ownership_days=env.int("CONFIRM_OWNERSHIP_DAYS", 90, validate=validate.Range(min=1, max=3_650)),
            hook_per_second=env.int("HOOK_PER_SECOND", 600, validate=validate.Range(min=0, max=100_000)),
            keep_bodies_days=env.int("KEEP_BODIES_DAYS", 30, validate=validate.Range(min=1, max=3_650)),
            outgoing_networks=_networks(env),
            attachment_mb=env.int("ATTACHMENT_MB", 10, validate=validate.Range(min=1, max=20)),
            attachments_mb=env.int("ATTACHMENTS_MB", 200, validate=validate.Range(min=1, max=100_000)),
            log_level=env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])),
        )
    except EnvError as error:
        raise SettingsError(" ".join(str(error).split())) from error


def _database(env: Env) -> dict[str, Any] | None:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return None
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// (PostgreSQL 15 or newer)")
    try:
        parsed: dict[str, Any] = env.dj_db_url("DATABASE_URL")
    except Exception as error:  # dj-database-url raises bare ValueErrors of many kinds
        raise SettingsError(f"DATABASE_URL is not a database address: {error}") from error
    if not parsed.get("NAME"):
        raise SettingsError("DATABASE_URL names no database: postgresql://user:password@host:5432/NAME")
    return parsed


def _broker(env: Env) -> str | None:
    url = env.str("CELERY_BROKER_URL", "")
    if not url:
        return None
    if urlsplit(url).scheme not in BROKER_SCHEMES:
        raise SettingsError(f"CELERY_BROKER_URL must begin with one of {', '.join(s + '://' for s in BROKER_SCHEMES)}")
    return url


def _email(env: Env) -> dict[str, Any] | None:
    url = os.environ.get("EMAIL_URL", "")
    if not url:
        return None
    if urlsplit(url).scheme not in MAIL_SCHEMES or not urlsplit(url).hostname:
        wanted = "smtp://host:25, or submission://user:password@host:587 for TLS"
        raise SettingsError(f"EMAIL_URL is not a mail server's address: write {wanted}")
    try:
        parsed: dict[str, Any] = env.dj_email_url("EMAIL_URL")
    except ValueError as error:  # such as a port that is no number
        raise SettingsError(f"EMAIL_URL is not a mail server's address: {error}") from error
    return parsed


def _networks(env: Env) -> list[Network]:
    networks: list[Network] = []
    for said in filter(None, map(str.strip, env.list("OUTGOING_NETWORKS", []))):
        try:
            networks.append(ipaddress.ip_network(said))
        except ValueError as error:
            raise SettingsError(
                f"OUTGOING_NETWORKS: {error}; write networks such as 10.1.0.0/16,192.168.7.4"
            ) from error
    return networks


def _is_web_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise EnvError(
            'Environment variable "BASE_URL" invalid: give the whole address, such as https://seamline.example.org'
        )


def _default_hosts(base_url: str) -> list[str]:
    return sorted({"localhost", "127.0.0.1", "[::1]", urlsplit(base_url).hostname or "localhost"})


def make_var(var: Path) -> None:
    """Make the folder of everything that lasts. Others may pass through it, as PostgreSQL must when root starts it."""
    if not var.is_dir():
        var.mkdir(parents=True)
        var.chmod(0o755)


def _kept_secret_key(var: Path) -> str:
    """The key generated on first start, kept beside the data with mode 0600."""
    path = var / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SettingsError(f"SECRET_KEY is not set and {path} cannot be read: {error.strerror}") from error
    key = secrets.token_urlsafe(50)
    try:
        make_var(var)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"SECRET_KEY is not set and {path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    return key
