"""The ownership room."""

from django.apps import AppConfig


class OwnershipConfig(AppConfig):
    """Registers the room's pages and what its constraints mean to people."""

    name = "ownership"
    verbose_name = "Ownership"

    def ready(self) -> None:
        """Put the room into the house."""
        from ownership import wiring

        wiring.connect()
