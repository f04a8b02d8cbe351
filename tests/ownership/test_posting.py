"""Addresses of chat and push services: what is taken, what is refused, and what is said when one fails."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from ownership import posting
from ownership.receivers import BY_SCHEMA, KINDS
from tests.ownership.endpoint import Endpoint, endpoint
from web import outgoing
from web.errors import Invalid

WHOLE = {
    "slack": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "teams": "workflows://prod-1.westeurope.logic.azure.com:443/643e69f83c8944/bQHTX6lbkjhguyftr5",
    "discord": "https://discord.com/api/webhooks/432150123456789012/fJmS9DTqZGcLnKHzWFWL3NRoIxo6w7ZfIY90tkVrqg",
    "gchat": "gchat://workspace/key/token",
    "mattermost": "mmosts://chat.example.org/3ccdd113474722377935511fc85d3dd4",
    "rocketchat": "rockets://user:password@chat.example.org/channel",
    "zulip": "zulip://bot@organisation/AAAAbbbbCCCCddddEEEEffff11112222/stream",
    "matrix": "matrixs://user:password@matrix.example.org/room",
    "webex": "wxteams://abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefgh",
    "telegram": "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12315544/",
    "signal": "signals://signal.example.org/+15555550001/+15555550002",
    "nextcloud": "nctalks://user:password@cloud.example.org/room",
    "synology": "synologys://chat.example.org/token123",
    "lark": "lark://abcdef01-2345-6789-abcd-ef0123456789",
    "dingtalk": "dingtalk://abcdef0123456789",
    "ntfy": "ntfys://my-topic",
    "gotify": "gotifys://push.example.org/AbCdEf12345",
    "pushover": "pover://abcdefghijklmnopqrstuvwxyz1234@1234abcdefghijklmnopqrstuvwxyz",
    "pushbullet": "pbul://abcdefghijklmnopqrstuvwxyz123456",
    "pagerduty": "pagerduty://integrationkey@apikey",
    "opsgenie": "opsgenie://apikey",
    "splunk": "splunk://routing_key@apikey",
    "home": "hassios://home.example.org/token123",
    "json": "jsons://hooks.example.org/services/x",
    "form": "forms://hooks.example.org/x",
    "xml": "xmls://hooks.example.org/x",
    "apprise": "apprises://apprise.example.org/token123",
}


@pytest.fixture
def server(settings: Any) -> Iterator[Endpoint]:
    settings.OUTGOING_NETWORKS = [ip_network("127.0.0.0/8")]
    with endpoint() as opened:
        yield opened


def test_every_kind_has_an_address_here() -> None:
    assert set(WHOLE) == set(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_a_whole_address_is_taken(code: str) -> None:
    found = posting.read(f"  {WHOLE[code]} ")
    assert (found.kind, found.url) == (code, WHOLE[code])
    assert ("example.org" in found.hint) == ("example.org" in WHOLE[code])


@pytest.mark.parametrize("code", KINDS)
def test_no_service_reads_a_file_of_this_machine(code: str) -> None:
    for name in ("template", "Template", "%74emplate"):
        with pytest.raises(Invalid, match="template"):
            posting.read(f"{WHOLE[code]}{'&' if '?' in WHOLE[code] else '?'}{name}=/etc/passwd")
        with pytest.raises(Invalid, match="template"):
            posting.read(f"{WHOLE[code]}{'&' if '?' in WHOLE[code] else '?'}x=1;{name}=/etc/passwd")


def test_what_took_a_file_on_another_way_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "NEVER", re.compile("(?!)"))
    with pytest.raises(Invalid, match="not a whole address"):
        posting.read(f"{WHOLE['teams']}?template=/etc/passwd")


def test_an_email_address_is_an_address() -> None:
    for said in ("list@example.org", "mailto:list@example.org"):
        found = posting.read(said)
        assert (found.kind, found.url, found.hint) == ("email", "list@example.org", "list@example.org")


@pytest.mark.parametrize(
    "said",
    [
        "", "x", "x" * 3000, "list@", "mailto:@example.org", "slack://", "https://example.org/hook", "json://",
        "file:///etc/passwd", "syslog://", "dbus://", "glib://", "gnome://", "macosx://", "windows://", "rsyslog://h",
        "mailto://user:password@example.org", "mqtt://host/topic", "growl://host", "blink1://", "json://[::1]/x",
        "json://127.0.0.1/x", "json://169.254.169.254/latest", "jsons://10.1.2.3:8443/x", "json://a\nb/x",
        "gotify://192.168.0.1/AbCdEf12345",
    ],
)  # fmt: skip
def test_anything_else_is_refused_beside_its_field_and_never_repeated(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        posting.read(said)
    assert refused.value.field == "address"
    assert "password" not in str(refused.value)


def test_no_schema_reads_writes_or_starts_anything_on_this_machine() -> None:
    local = {"file", "dbus", "glib", "gnome", "kde", "qt", "macosx", "windows", "syslog", "rsyslog", "blink1", "growl"}
    assert BY_SCHEMA.keys() & (local | {"mailto", "mailtos", "mqtt", "mqtts", "smpp", "xmpp", "irc"}) == set()


def test_a_network_that_the_operator_allows_is_taken(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = [ip_network("10.1.0.0/16")]
    assert posting.read("json://10.1.2.3/x").hint == "10.1.2.3"
    with pytest.raises(Invalid, match="OUTGOING_NETWORKS"):
        posting.read("json://10.2.2.3/x")


def post(address: str) -> str:
    return posting.post("json", address, title="A title", body="A body")


def test_a_post_arrives(server: Endpoint) -> None:
    assert post(server.address()) == ""
    [(path, body)] = server.posts
    assert path == "/hook/s3cr3t-part"
    assert (body["title"], body["message"].strip()) == ("A title", "A body")


class Log(logging.Handler):
    """Everything that any logger would write, were the level DEBUG."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[Log]:
    root, kept = logging.getLogger(), logging.getLogger().level
    root.addHandler(found := Log())
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(found)
    root.setLevel(kept)


@pytest.mark.parametrize("status", [301, 401, 404, 410, 429, 500, 503])
def test_the_status_is_said_and_no_secret(server: Endpoint, log: Log, status: int) -> None:
    server.status, server.headers = status, {"Location": "/elsewhere"}
    reason = post(server.address().replace("://", "://user:s3cr3t-word@") + "?-key=s3cr3t-too")
    assert reason.startswith(f"It answered {status} ")
    assert len(server.posts) == 1  # no redirect is followed
    assert "s3cr3t" not in reason
    assert "s3cr3t" not in "\n".join(log.lines)


def test_nothing_there_no_name_and_private_addresses_are_told_apart(server: Endpoint, settings: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "refused" in post(f"json://127.0.0.1:{unused.getsockname()[1]}/s3cr3t")
    assert post("json://nothing.invalid/s3cr3t") == "Its name is not known."
    settings.OUTGOING_NETWORKS = []
    reason = post(server.address().replace("127.0.0.1", "localhost"))
    assert "may not be called" in reason
    assert "OUTGOING_NETWORKS" in reason
    assert server.posts == []


def test_without_tls_only_networks_of_ones_own_are_called(server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "is_public", lambda address: True)  # as if the endpoint stood in the internet
    assert post(server.address()) == "Without TLS only networks of your own are called; write jsons:// instead."
    assert server.posts == []
    plain = [f"{schema}://x" for kind in KINDS.values() for schema in kind.schemas if kind.is_plain(f"{schema}://x")]
    assert {"json://x", "ntfy://x", "gotify://x", "mmost://x", "hassio://x"} <= set(plain)
    assert not {"slack://x", "jsons://x", "wxteams://x", "discord://x"} & set(plain)


def test_no_address_turns_the_look_at_certificates_off() -> None:
    plugin = posting._plugin(KINDS["json"], "jsons://example.org/?verify=no")
    assert plugin.verify_certificate is True


def test_what_never_answers_ends_in_time(server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    server.meanwhile = lambda: server.closing.wait(20)
    reason = post(server.address() + "?rto=600&cto=600&retry=5")
    assert reason in {"No answer within 0.3 seconds.", "No answer in time."}
    assert len(server.posts) == 1


def test_an_address_that_is_none_any_more_says_so() -> None:
    assert "enter it again" in posting.post("slack", "slack://", title="x", body="y")
