"""What Seamline writes into a catalogue so that it can be read back as it was: annotations and what they hold. Pure."""

from __future__ import annotations

KIND = "seamline.dev/kind"  # `service`, `team`, or one of our component kinds; the title is then the name here
OWNER_ROLE = "seamline.dev/owner-role"  # what spec.owner is here: `custodian`, or `none` when nobody answers
CUSTODIANS = "seamline.dev/custodians"  # references, separated by commas
SYSTEMS = "seamline.dev/systems"  # further services of a component, separated by commas
NOBODY = "none"
OWNER_NOBODY = "nobody"  # stands in spec.owner, which Backstage insists on
ALIASES = (
    "pagerduty.com/service-id",
    "sentry.io/project-slug",
    "datadoghq.com/slo_tag",
    "datadoghq.com/monitor_tags",
    "datadoghq.com/tag-name",
    "opsgenie.com/component-selector",
)


def several(text: str) -> list[str]:
    """The parts of a list separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def joined(parts: list[str]) -> str:
    """The same the other way round."""
    return ",".join(parts)
