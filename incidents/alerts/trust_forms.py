"""Forms of what a source is trusted by. Secrets are never written back into a field, not even beside an error."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms

from incidents.alerts import rotating
from incidents.alerts.models import SnsCheck, Source
from incidents.alerts.sources import signatures
from incidents.alerts.sources.signatures import PRESETS, Scheme
from web.forms import RadioCards

OWN = "own"
OVERLAPS = [
    (str(rotating.OVERLAP.days), f"{rotating.OVERLAP.days} days"),
    ("1", "1 day"),
    ("30", "30 days"),
    ("open", "until somebody ends it"),
    ("0", "no longer: it ends now"),
]


def overlap_field(label: str) -> forms.ChoiceField:
    """For how long the one before goes on; unsaid it is the usual span."""
    return forms.ChoiceField(label=label, choices=OVERLAPS, required=False)


class _Rotation(forms.Form):
    def clean_overlap(self) -> timedelta | None:
        """As a span; None is without end."""
        said = self.cleaned_data["overlap"] or OVERLAPS[0][0]
        return None if said == "open" else timedelta(days=int(said))


class KeyForm(_Rotation):
    """A new hook key."""

    overlap = overlap_field("The old key goes on working for")


def _secret(**more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label="Signing secret", max_length=500, widget=widget, **more)


class SigningSecretForm(_Rotation):
    """A second signing secret."""

    secret = _secret(help_text="As the sender shows it. It is stored encrypted and not shown again.")
    overlap = overlap_field("The secret before it is accepted for")


class SignatureForm(forms.Form):
    """How the sender signs: a sender that is known, or a description."""

    preset = forms.ChoiceField(label="Who signs?")
    secret = _secret(required=False)
    header = forms.CharField(
        label="Header", max_length=80, required=False, help_text="The one that holds the signature."
    )
    algorithm = forms.ChoiceField(label="HMAC with", choices=[(one, one) for one in signatures.ALGORITHMS])
    encoding = forms.ChoiceField(label="Written as", choices=[(one, one) for one in signatures.ENCODINGS])
    before = forms.CharField(
        label="What stands before it", max_length=40, required=False, help_text="Such as sha256= or v1="
    )
    template = forms.CharField(
        label="What is signed",
        max_length=200,
        required=False,
        help_text="{body}, and {timestamp} or {id} where those are signed too, such as {timestamp}.{body}",
    )
    timestamp_header = forms.CharField(
        label="Header of the timestamp",
        max_length=80,
        required=False,
        help_text="Empty: the part t= of the signature's header.",
    )
    id_header = forms.CharField(label="Header of the id", max_length=80, required=False)
    tolerance = forms.IntegerField(
        label="Seconds that the timestamp may be off", min_value=1, max_value=signatures.DAY, required=False
    )

    def __init__(self, data: Any = None, *, source: Source, has_secret: bool) -> None:
        scheme = Scheme.from_json(source.signature) if source.signature else None
        usual = signatures.OF_KIND.get(source.kind, OWN)
        known = next((name for name, (_, one) in PRESETS.items() if one == scheme), OWN)
        shown = scheme or (PRESETS[usual][1] if usual in PRESETS else Scheme(""))
        preset = known if scheme else usual
        super().__init__(data, initial={**shown.as_json(), "before": shown.prefix, "preset": preset})
        choices = [(OWN, "Somebody else: I describe it"), *((name, label) for name, (label, _) in PRESETS.items())]
        cast("forms.ChoiceField", self.fields["preset"]).choices = choices
        kept = "Empty: the secrets that are live go on." if has_secret else "As the sender shows it."
        self.fields["secret"].help_text = f"{kept} It is stored encrypted and not shown again."

    def first(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in ("preset", "secret")]

    def described(self) -> list[forms.BoundField]:
        """What only a description of one's own needs."""
        return [field for field in self if field.name not in {"preset", "secret"}]

    def is_described(self) -> bool:
        """Whether the description is what counts, or has something wrong in it."""
        return self["preset"].value() == OWN or any(field.errors for field in self.described())

    def scheme(self) -> Scheme:
        """The preset's, or the one described."""
        said = self.cleaned_data
        if said["preset"] in PRESETS:
            return PRESETS[said["preset"]][1]
        return Scheme(
            header=said["header"],
            algorithm=said["algorithm"],
            encoding=said["encoding"],
            prefix=said["before"],
            template=said["template"] or "{body}",
            timestamp_header=said["timestamp_header"],
            id_header=said["id_header"],
            tolerance=said["tolerance"] or Scheme("").tolerance,
        )


class LimitForm(forms.Form):
    """How many deliveries a second."""

    rate_limit = forms.IntegerField(
        label="Deliveries a second",
        required=False,
        min_value=0,
        help_text="Empty: the usual limit of this installation. 0: no limit.",
    )


class TopicsForm(forms.Form):
    """What is asked of messages of Amazon SNS."""

    sns_check = forms.ChoiceField(label="Signatures", choices=SnsCheck.choices, widget=RadioCards)
    topics = forms.CharField(
        label="Topics that may post",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="An ARN a line. Empty: any, and each new subscription waits here for a yes.",
    )

    def clean_topics(self) -> list[str]:
        """One a line."""
        said: str = self.cleaned_data["topics"]
        return said.split()
