"""What a change event of PagerDuty says was changed; pure.

Their change events have a summary, a time, a source and free details. Who sends before and after, a kind or the name
of a component among the details, finds them in the change.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidents.alerts.sources.reading import Changed, Reading, line

BEFORE = ("before", "from", "previous", "previous_version", "old_version")
AFTER = ("after", "to", "version", "new_version")
WHO = ("who", "author", "user", "deployed_by", "actor")
KIND = ("kind", "change_kind", "type")
KEY = ("external_key", "change_id", "deployment_id")


def told(read: Reading) -> Changed:
    """The change behind the reading of a change event; sent twice byte for byte, or under one key, it is one."""
    said = {name.lower(): value for name, value in read.labels.items()}
    return Changed(
        key=line(_first(said, KEY) or read.problem_key),
        title=read.title,
        at=read.event_time,
        kind=_first(said, KIND).lower().replace(" ", "_").replace("-", "_"),
        description=read.summary,
        before=line(_first(said, BEFORE)),
        after=line(_first(said, AFTER)),
        who=line(_first(said, WHO), 200),
        link=read.links[0].url if read.links else "",
        labels=read.labels,
    )


def _first(said: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if said.get(name)), "")
