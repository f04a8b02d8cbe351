"""The config app: commands that start, stop and set up the whole."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds the commands of the house; it has no tables."""

    name = "config"
    verbose_name = "Configuration"
