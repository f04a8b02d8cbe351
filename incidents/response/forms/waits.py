"""Forms of how long each rung of the ladder is given."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response.forms.acts import service_field
from ownership.vocabulary import Tier


def _minutes(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=1440, **kwargs)


class TierWaitsForm(forms.Form):
    """Minutes for each tier; empty tells nobody further."""

    t1 = _minutes(Tier.T1.label)
    t2 = _minutes(Tier.T2.label)
    t3 = _minutes(Tier.T3.label)
    t4 = _minutes(Tier.T4.label)

    @property
    def said(self) -> dict[str, int | None]:
        """By tier, as the act takes it."""
        return {tier: self.cleaned_data[tier] for tier in Tier.values}


class ServiceWaitForm(forms.Form):
    """Minutes for one service."""

    service = service_field(empty_label="Choose a service", error_messages={"required": "Choose the service."})
    minutes = _minutes("Minutes for each rung", help_text="Empty: only the first who answers is told.")
