"""Alerts remember the instants at which they fired, so that a late resolve cuts an episode where it belongs."""
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0004_impact_between_two'),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='firings',
            field=models.JSONField(default=list, help_text='[[instant, count]]: where a late resolve may cut it.'),
        ),
    ]
