"""The config app: commands that start, stop and set up the whole."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConfigConfig(AppConfig):
    """Holds the commands of the house; it has no tables."""

    name = "config"
    verbose_name = "Configuration"


class HouseStaticFiles(StaticFilesConfig):
    """Django's own, but for what collecting would carry along unused: 40 MB of it."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "rest_framework",  # its browsable pages are off
        "datasets",  # of plotly, as the next three
        "templates",
        "widgetbundle.js",
        "redoc",
    ]
