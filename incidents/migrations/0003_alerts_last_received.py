"""Alerts keep their name and when their latest reading came; indexes for open members and rejected deliveries."""
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0002_guards'),
        ('ownership', '0002_ingest_tokens'),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='last_received_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When its latest reading reached us.'),
        ),
        migrations.AddField(
            model_name='alert',
            name='name',
            field=models.CharField(blank=True, help_text='The sort of alert that it is one of.', max_length=300),
        ),
        migrations.AlterField(
            model_name='alert',
            name='last_event_at',
            field=models.DateTimeField(help_text='Event time of its latest firing.'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='severity',
            field=models.CharField(default='unknown', help_text='critical, high, medium, low, unknown', max_length=10),
        ),
        migrations.AlterField(
            model_name='alert',
            name='times_seen',
            field=models.PositiveIntegerField(default=1, help_text='Firings; 0: a resolve that overtook its firing.'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('resolved_at__isnull', True)), fields=['incident'], name='alert_open_of_incident'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'rejected')), fields=['source', '-received_at', '-id'], name='delivery_rejected'),
        ),
    ]
