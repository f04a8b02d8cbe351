"""Reports are found among an incident's alerts by an index of their own, which other alerts take no place in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("incidents", "0037_what_is_published_is_frozen")]

    operations = [
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("name__startswith", "User report")),
                fields=["incident", "-started_at"],
                name="alert_reported",
            ),
        ),
    ]
