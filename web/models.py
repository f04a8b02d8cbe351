"""Infrastructure tables."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a background process last showed that it works."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
