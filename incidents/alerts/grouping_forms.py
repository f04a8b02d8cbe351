"""Forms of grouping: a policy, where alerts are moved to, what is split; they check shape, the acts decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils import timezone

from incidents.alerts.models import Alert
from incidents.response.models import GroupingPolicy, Incident, TimelineRow
from incidents.response.policies import Said
from incidents.response.queries import visible
from ownership.models import Person
from web import wording

SHORT = 90  # characters of a note beside its tick


class PolicyForm(forms.Form):
    """A version of a grouping policy."""

    labels = forms.CharField(
        label="Labels in the key",
        required=False,
        max_length=300,
        help_text="Besides the service, comma-separated, such as region. Alerts with other values are other incidents.",
    )
    window_minutes = forms.IntegerField(
        label="Window, in minutes",
        min_value=1,
        max_value=43200,
        help_text="An alert joins when it begins within this time after the incident's last alert began.",
    )
    longest_minutes = forms.IntegerField(
        label="Maximum length, in minutes",
        min_value=1,
        max_value=43200,
        help_text="An incident that is older takes no more alerts; 1440 is a day.",
    )
    quiet_seconds = forms.IntegerField(
        label="Quiet delay, in seconds",
        required=False,
        min_value=0,
        max_value=86400,
        help_text="Once all its alerts have resolved and nothing came for so long, the incident resolves. "
        "Empty: as this installation is set.",
    )
    reopen_minutes = forms.IntegerField(
        label="Reopen window, in minutes",
        min_value=0,
        max_value=43200,
        help_text="What comes back so soon after an incident resolved by itself opens it again; 0: a new incident.",
    )
    flap_times = forms.IntegerField(
        label="Flapping from, in times",
        min_value=0,
        max_value=100,
        help_text="A problem that begins so often is flapping: it is told once, not each time. 0: never.",
    )
    flap_minutes = forms.IntegerField(
        label="Counted within, in minutes", min_value=1, max_value=1440, help_text="The period of those beginnings."
    )
    calm_minutes = forms.IntegerField(
        label="Calm after flapping, in minutes",
        min_value=1,
        max_value=1440,
        help_text="Its incident waits so long before it resolves.",
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean_labels(self) -> list[str]:
        """The names, in the order given."""
        return [name for part in self.cleaned_data["labels"].split(",") if (name := part.strip())]

    @property
    def said(self) -> Said:
        """The version as the act takes it."""
        return Said(**{name: value for name, value in self.cleaned_data.items() if name != "based_on"})


def initial_of(policy: GroupingPolicy | None, *, based_on: int) -> dict[str, Any]:
    """What the form shows at first: the policy as it stands."""
    said = Said() if policy is None else policy
    names = [name for name in PolicyForm.base_fields if name != "based_on"]
    return {**{name: getattr(said, name) for name in names}, "labels": ", ".join(said.labels), "based_on": based_on}


class MoveForm(forms.Form):
    """Which alerts of an incident go to which other one."""

    alert = forms.MultipleChoiceField(
        label="Alerts",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
        error_messages={"required": "Choose at least one alert."},
        help_text="The next time one of these problems begins, it goes where its alert went, while that is open.",
    )
    to = forms.CharField(
        label="To incident",
        required=False,
        max_length=20,
        help_text="Its number, such as INC-481, open ones only. Empty: a new incident of their own.",
        widget=forms.TextInput(attrs={"list": "open-incidents", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, viewer: Person, alerts: Sequence[Alert], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        cast("forms.MultipleChoiceField", self.fields["alert"]).choices = [(str(one.pk), _named(one)) for one in alerts]

    def clean_alert(self) -> list[int]:
        """As numbers."""
        return [int(number) for number in self.cleaned_data["alert"]]

    def clean_to(self) -> Incident | None:
        """The incident, None for a new one."""
        said = self.cleaned_data["to"].strip().upper().removeprefix("INC-")
        if not said:
            return None
        found = visible.to(self._viewer).filter(pk=int(said)).first() if said.isdecimal() and len(said) < 19 else None
        if found is None:
            raise forms.ValidationError("There is no incident with this number.")
        return found


class SplitForm(forms.Form):
    """Which alerts go, which notes are quoted, and what it is called."""

    title = forms.CharField(
        label="What is it?", required=False, max_length=300, help_text="Empty: as the first of its alerts."
    )
    alert = forms.MultipleChoiceField(
        label="Alerts that go",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
        help_text="The next time one of these problems begins, it goes there too, while that is open.",
    )
    note = forms.MultipleChoiceField(
        label="Notes to quote there",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
        help_text="They stay here, too.",
    )

    def __init__(self, *args: Any, alerts: Sequence[Alert], notes: Sequence[TimelineRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {
            "alert": [(str(one.pk), _named(one)) for one in alerts],
            "note": [(str(n.pk), _short(n)) for n in notes],
        }
        for name, choices in offered.items():
            cast("forms.MultipleChoiceField", self.fields[name]).choices = choices
            if not choices:
                del self.fields[name]

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        chosen = {name: [int(one) for one in self.cleaned_data.get(name, [])] for name in ("alert", "note")}
        return {"title": self.cleaned_data["title"], "alerts": chosen["alert"], "notes": chosen["note"]}


def _named(alert: Alert) -> str:
    began = wording.moment(alert.started_at, now=timezone.now())
    return f"{alert.title}: {alert.source}, began {began}, {'resolved' if alert.resolved_at else 'firing'}"


def _short(row: TimelineRow) -> str:
    said = " ".join(row.text.split())
    cut = f"{said[:SHORT].rstrip()}…" if len(said) > SHORT else said
    return f"{wording.moment(row.at, now=timezone.now())}, {row.by or 'nobody'}: {cut}"
