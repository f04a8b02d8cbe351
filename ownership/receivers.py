"""The services that people and teams can be told through, by mail and through apprise."""

from __future__ import annotations

from dataclasses import dataclass

EMAIL = "email"


@dataclass(frozen=True)
class Kind:
    """A service that apprise speaks to: its class there, the schemas of its addresses, an example for people."""

    code: str
    name: str
    where: str
    schemas: tuple[str, ...]
    example: str
    is_hosted: bool = False  # the address names a server, which is no secret

    def is_plain(self, url: str) -> bool:
        """Whether an address is spoken to without TLS: `json://`, where `jsons://` is with it."""
        return f"{url.partition('://')[0].lower()}s" in self.schemas


KINDS = {
    kind.code: kind
    for kind in (
        Kind("slack", "Slack", "slack.NotifySlack", ("slack",), "https://hooks.slack.com/services/…"),
        Kind(
            "teams",
            "Microsoft Teams",
            "workflows.NotifyWorkflows",
            ("workflow", "workflows"),
            "workflows://host/workflow/signature",
        ),
        Kind("discord", "Discord", "discord.NotifyDiscord", ("discord",), "https://discord.com/api/webhooks/…"),
        Kind("gchat", "Google Chat", "google_chat.NotifyGoogleChat", ("gchat",), "gchat://workspace/key/token"),
        Kind("mattermost", "Mattermost", "mattermost.NotifyMattermost", ("mmost", "mmosts"), "mmosts://host/key", True),
        Kind(
            "rocketchat",
            "Rocket.Chat",
            "rocketchat.NotifyRocketChat",
            ("rocket", "rockets"),
            "rockets://user:password@host/channel",
            True,
        ),
        Kind("zulip", "Zulip", "zulip.NotifyZulip", ("zulip",), "zulip://bot@organisation/token/stream"),
        Kind("matrix", "Matrix", "matrix.NotifyMatrix", ("matrix", "matrixs"), "matrixs://user:pass@host/room", True),
        Kind("webex", "Webex", "webexteams.NotifyWebexTeams", ("wxteams", "webex"), "wxteams://token"),
        Kind("telegram", "Telegram", "telegram.NotifyTelegram", ("tgram",), "tgram://bot-token/chat-id"),
        Kind("signal", "Signal", "signal_api.NotifySignalAPI", ("signal", "signals"), "signals://host/from/to", True),
        Kind(
            "nextcloud",
            "Nextcloud Talk",
            "nextcloudtalk.NotifyNextcloudTalk",
            ("nctalk", "nctalks"),
            "nctalks://user:password@host/room",
            True,
        ),
        Kind(
            "synology",
            "Synology Chat",
            "synology.NotifySynology",
            ("synology", "synologys"),
            "synologys://host/token",
            True,
        ),
        Kind("lark", "Lark", "lark.NotifyLark", ("lark",), "lark://token"),
        Kind("dingtalk", "DingTalk", "dingtalk.NotifyDingTalk", ("dingtalk",), "dingtalk://token"),
        Kind("ntfy", "ntfy", "ntfy.NotifyNtfy", ("ntfy", "ntfys"), "ntfys://topic"),
        Kind("gotify", "Gotify", "gotify.NotifyGotify", ("gotify", "gotifys"), "gotifys://host/token", True),
        Kind("pushover", "Pushover", "pushover.NotifyPushover", ("pover",), "pover://user@token"),
        Kind("pushbullet", "Pushbullet", "pushbullet.NotifyPushBullet", ("pbul",), "pbul://token"),
        Kind("pagerduty", "PagerDuty", "pagerduty.NotifyPagerDuty", ("pagerduty",), "pagerduty://key@api-key"),
        Kind("opsgenie", "Opsgenie", "opsgenie.NotifyOpsgenie", ("opsgenie",), "opsgenie://api-key"),
        Kind("splunk", "Splunk On-Call", "splunk.NotifySplunk", ("splunk", "victorops"), "splunk://route@api-key"),
        Kind(
            "home",
            "Home Assistant",
            "home_assistant.NotifyHomeAssistant",
            ("hassio", "hassios"),
            "hassios://host/token",
            True,
        ),
        Kind("json", "Webhook (JSON)", "custom_json.NotifyJSON", ("json", "jsons"), "jsons://host/path", True),
        Kind("form", "Webhook (form)", "custom_form.NotifyForm", ("form", "forms"), "forms://host/path", True),
        Kind("xml", "Webhook (XML)", "custom_xml.NotifyXML", ("xml", "xmls"), "xmls://host/path", True),
        Kind(
            "apprise",
            "Apprise server",
            "apprise_api.NotifyAppriseAPI",
            ("apprise", "apprises"),
            "apprises://host/token",
            True,
        ),
    )
}
NAMES = {EMAIL: "E-mail"} | {code: kind.name for code, kind in KINDS.items()}
BY_SCHEMA = {schema: kind for kind in KINDS.values() for schema in kind.schemas}
