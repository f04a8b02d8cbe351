"""The web app: infrastructure only."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Its only table holds heartbeats."""

    name = "web"
    verbose_name = "Plumbing"
