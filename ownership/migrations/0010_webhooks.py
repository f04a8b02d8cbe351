"""Outgoing webhooks, their secrets and their log."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0009_channels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('url', models.CharField(max_length=500)),
                ('events', models.JSONField(default=list, help_text='The names of the events that it wants.')),
                ('private', models.BooleanField(default=False, help_text='It is told of private things too.')),
                ('is_on', models.BooleanField(default=True)),
                ('off_why', models.CharField(blank=True, help_text='Why it was switched off by itself.', max_length=300)),
                ('failing_since', models.DateTimeField(blank=True, help_text='Nothing got through since; empty: fine.', null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(help_text='The same each time it is sent; receivers drop what they know.')),
                ('event', models.CharField(max_length=40)),
                ('about', models.CharField(blank=True, help_text='What it is about, such as INC-12.', max_length=60)),
                ('body', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('status', models.PositiveSmallIntegerField(blank=True, help_text='Of the last answer.', null=True)),
                ('answer', models.CharField(blank=True, help_text='How the last answer began, or what went wrong.', max_length=300)),
                ('again_by', models.ForeignKey(blank=True, help_text='Who had it sent again.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='ownership.webhook')),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
            },
        ),
        migrations.CreateModel(
            name='WebhookSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.SmallIntegerField(help_text='1 or 2: two live ones, no third.')),
                ('sealed', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, help_text='When it signs no longer.', null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='ownership.webhook')),
            ],
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('removed_at__isnull', True), ('is_on', False), _connector='OR'), name='webhook_removed_is_off'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='webhook_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['webhook', '-id'], name='webhook_delivery_log'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['made_at'], name='webhook_delivery_made'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(condition=models.Q(('again_by__isnull', True)), fields=('webhook', 'event_id'), name='webhook_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='webhooksecret',
            constraint=models.UniqueConstraint(fields=('webhook', 'slot'), name='webhook_two_secrets'),
        ),
        migrations.AddConstraint(
            model_name='webhooksecret',
            constraint=models.CheckConstraint(condition=models.Q(('slot__in', [1, 2])), name='webhook_secret_slot_known'),
        ),
    ]
