from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config import env
from config.env import SettingsError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEAMLINE_VAR", str(tmp_path / "var"))


def test_nothing_set_is_the_embedded_installation(tmp_path: Path) -> None:
    found = env.read()
    assert found.database is None
    assert found.broker_url is None
    assert found.base_url == "http://localhost:8000"
    assert not found.secure


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = env.read().secret_key
    kept = tmp_path / "var" / "secret_key"
    assert env.read().secret_key == first
    assert len(first) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OUTGOING_NETWORKS", "10.0.0.0/8,here", "OUTGOING_NETWORKS: 'here'"),
        ("OUTGOING_NETWORKS", "10.0.0.1/8", "OUTGOING_NETWORKS: 10.0.0.1/8 has host bits set"),
        ("DATABASE_URL", "mysql://db/x", "DATABASE_URL must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://user@host:port/x", "DATABASE_URL is not a database address"),
        ("DATABASE_URL", "postgresql://user@host", "DATABASE_URL names no database"),
        ("CELERY_BROKER_URL", "sqs://", "CELERY_BROKER_URL must begin with one of pgmq://"),
        ("BASE_URL", "seamline.example.org", "BASE_URL"),
        ("EMAIL_URL", "nonsense", "EMAIL_URL is not"),
        ("EMAIL_URL", "smtp+tls://host:587", "submission://"),
        ("EMAIL_URL", "smtp://host:port", "EMAIL_URL is not"),
        ("DEBUG", "perhaps", "DEBUG"),
        ("QUIET_SECONDS", "-1", "QUIET_SECONDS"),
        ("CONFIRM_OWNERSHIP_DAYS", "0", "CONFIRM_OWNERSHIP_DAYS"),
        ("CONFIRM_OWNERSHIP_DAYS", "soon", "CONFIRM_OWNERSHIP_DAYS"),
        ("HOOK_PER_SECOND", "-1", "HOOK_PER_SECOND"),
        ("KEEP_BODIES_DAYS", "0", "KEEP_BODIES_DAYS"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        env.read()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_base_url_decides_on_tls_and_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "https://seamline.example.org/")
    found = env.read()
    assert found.secure
    assert found.base_url == "https://seamline.example.org"
    assert "seamline.example.org" in found.allowed_hosts
    assert "localhost" in found.allowed_hosts


@pytest.mark.parametrize(
    ("url", "tls"), [("smtp://mail.example.org:25", False), ("submission://me:pw@mail.example.org", True)]
)
def test_mail_servers_as_documented(monkeypatch: pytest.MonkeyPatch, url: str, tls: bool) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    found = env.read().email
    assert found is not None
    assert (found["EMAIL_HOST"], found["EMAIL_USE_TLS"]) == ("mail.example.org", tls)
    assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
