"""The incidents room."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Puts each wing into the house."""

    name = "incidents"
    verbose_name = "Incidents"

    def ready(self) -> None:
        """Connect the wings, lowest first."""
        from incidents.alerts import wiring as alerts
        from incidents.history import wiring as history
        from incidents.patterns import wiring as patterns
        from incidents.postmortems import wiring as postmortems
        from incidents.response import wiring as response

        for wing in (response, alerts, postmortems, history, patterns):
            wing.connect()
