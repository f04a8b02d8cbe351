"""How pages address a service, a component or a seam."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from ownership import addresses
from ownership.models import Component, Dependency, Service
from ownership.models.assignments import Subject, column_of


@dataclass(frozen=True)
class About:
    """A subject with its addresses; `noun` is what people call its kind, `tab` the tab that it lies under."""

    subject: Subject

    @property
    def kind(self) -> str:
        """One of service, component, dependency."""
        return column_of(self.subject)

    @property
    def noun(self) -> str:
        """What people call it."""
        return "seam" if isinstance(self.subject, Dependency) else self.kind

    @property
    def tab(self) -> str:
        """The tab of the room."""
        return "services" if isinstance(self.subject, Service) else "components"

    @property
    def page(self) -> str:
        """Its page."""
        return addresses.page_about(self.subject)

    @property
    def answers(self) -> str:
        """Where somebody is assigned."""
        return self._url("answers", "component_answers", "seam_answers")

    @property
    def hand_over(self) -> str:
        """Where somebody is asked to take over."""
        return self._url("hand_over", "hand_over_component", "hand_over_seam")

    @property
    def as_of(self) -> str:
        """Who answered at an instant."""
        return self._url("as_of", "component_as_of", "seam_as_of")

    @property
    def panels(self) -> str:
        """The place at which other rooms hang what comes along in a hand-over."""
        return "handover" if isinstance(self.subject, Service) else f"handover_{self.noun}"

    def _url(self, service: str, component: str, seam: str) -> str:
        subject = self.subject
        if isinstance(subject, Service):
            return reverse(f"ownership:{service}", args=[subject.slug])
        return reverse(f"ownership:{component if isinstance(subject, Component) else seam}", args=[subject.pk])
