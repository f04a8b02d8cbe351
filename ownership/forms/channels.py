"""Forms about how people and teams are told."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from typing import Any

from django import forms

from ownership.models import Channel, Manner
from ownership.vocabulary import NoticeKind

DAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, str]]:
    """The time zones of places, and UTC."""
    places = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class ChannelForm(forms.Form):
    """One more way to reach somebody."""

    address = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="An e-mail address, the address of a webhook as Slack, Discord or Google Chat show it, or one as "
        "below. It is kept sealed and not shown again.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label="Name", max_length=80, required=False, widget=forms.TextInput({"placeholder": "#on-call"})
    )


class ChannelEditForm(forms.Form):
    """What may be changed of a channel; of one's own e-mail neither address nor name."""

    label = forms.CharField(label="Name", max_length=80, required=False)
    address = forms.CharField(
        label="New address",
        max_length=2000,
        required=False,
        help_text="Leave it empty to keep the one it has.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    enabled = forms.BooleanField(label="Switched on", required=False)
    told = forms.MultipleChoiceField(
        label="What is told here",
        choices=NoticeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        told = [kind for kind in NoticeKind.values if kind not in channel.muted]
        kwargs["initial"] = {"label": channel.label, "enabled": channel.enabled, "told": told}
        super().__init__(*args, **kwargs)
        if channel.is_own_mail:
            del self.fields["label"], self.fields["address"]

    def said(self) -> dict[str, Any]:
        """What the act takes: the kinds that were left unticked stay out."""
        said = {"label": "", **self.cleaned_data}
        told = said.pop("told")
        return {**said, "muted": [kind for kind in NoticeKind.values if kind not in told]}


class DaysField(forms.TypedMultipleChoiceField):
    """Days of the week as numbers; 0 is Monday."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "options days"})
        super().__init__(choices=DAYS, coerce=int, required=False, widget=widget, **kwargs)


class ClockField(forms.TimeField):
    """A time of day, with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput({"type": "time"}, format="%H:%M")
        super().__init__(required=False, widget=widget, input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class QuietForm(forms.Form):
    """When somebody wants quiet, by their own clock."""

    time_zone = forms.ChoiceField(label="Time zone", choices=zones)
    quiet_from = ClockField(label="Quiet from")
    quiet_until = ClockField(label="Until")
    quiet_days = DaysField(label="These hours begin on")
    whole_days = DaysField(label="Quiet all day on")

    def __init__(self, *args: Any, manner: Manner | None, zone: str = "UTC", **kwargs: Any) -> None:
        names = ("time_zone", "quiet_from", "quiet_until", "quiet_days", "whole_days", "members_too")
        every_day = [number for number, _ in DAYS]
        kwargs["initial"] = (
            {name: getattr(manner, name) for name in names} if manner else {"time_zone": zone, "quiet_days": every_day}
        )
        super().__init__(*args, **kwargs)


class TeamQuietForm(QuietForm):
    """The same of a team, and whether its members are told beside its channels."""

    members_too = forms.BooleanField(
        label="Tell each member as well",
        required=False,
        help_text="Left out, what the team is told goes to its own channels alone while one of them works.",
    )
