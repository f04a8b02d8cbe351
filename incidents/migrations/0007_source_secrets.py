"""Keys of sources become rows of their own, two live at most; signing secrets, limits, SNS, bodies that go."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

KEYS = """
INSERT INTO incidents_sourcesecret (source_id, purpose, slot, digest, sealed, hint, created_by_id, created_at)
SELECT id, 'key', 1, key_digest, '', key_hint, created_by_id, created_at FROM incidents_source
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0006_held_resolves'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SnsCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, unique=True)),
                ('pem', models.TextField(blank=True)),
                ('wanted_at', models.DateTimeField()),
                ('fetched_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, help_text='When it was given up.', null=True)),
                ('next_try_at', models.DateTimeField(blank=True, help_text='Empty once it is fetched or given up.', null=True)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('reason', models.TextField(blank=True, help_text='What went wrong the last time.')),
            ],
        ),
        migrations.CreateModel(
            name='SourceSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('key', 'hook key'), ('signing', 'signing secret')], max_length=7)),
                ('slot', models.SmallIntegerField(help_text='1 or 2: the database holds two live ones of a purpose, no third.')),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of a hook key.', max_length=64)),
                ('sealed', models.TextField(blank=True, help_text='A signing secret, encrypted.')),
                ('hint', models.CharField(blank=True, help_text="A hook key's first characters.", max_length=8)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ends_at', models.DateTimeField(blank=True, help_text='When it stops working by itself.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='To the minute, told by the digest.', null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='incidents.source')),
            ],
        ),
        migrations.CreateModel(
            name='TopicSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(help_text='Its ARN.', max_length=300)),
                ('url', models.CharField(help_text="What to fetch to confirm it; AWS's own address, checked.", max_length=2000)),
                ('state', models.CharField(choices=[('waiting', 'waits for an editor'), ('refused', 'not on the list'), ('due', 'being confirmed'), ('confirmed', 'confirmed'), ('failed', 'could not be confirmed'), ('ended', 'unsubscribed')], max_length=9)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('next_try_at', models.DateTimeField(blank=True, help_text='Only while it is being confirmed.', null=True)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('reason', models.TextField(blank=True, help_text='What went wrong the last time.')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='incidents.source')),
            ],
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_state_known',
        ),
        migrations.RemoveField(
            model_name='source',
            name='key_digest',
        ),
        migrations.RemoveField(
            model_name='source',
            name='key_hint',
        ),
        migrations.AddField(
            model_name='delivery',
            name='body_removed_at',
            field=models.DateTimeField(blank=True, help_text='When body and headers were let go.', null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='by_key',
            field=models.BigIntegerField(blank=True, help_text='The hook key that it came with.', null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='by_signature',
            field=models.BigIntegerField(blank=True, help_text='The signing secret that it was signed by.', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='rate_limit',
            field=models.IntegerField(blank=True, help_text='Deliveries a second; 0: none, empty: the usual.', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='signature',
            field=models.JSONField(blank=True, help_text='How its sender signs (signatures.Scheme); or not.', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='sns_check',
            field=models.CharField(choices=[('check', 'What carries the envelope of SNS must be signed by it'), ('require', 'Only what SNS signed is taken'), ('off', 'Signatures are not checked: the key alone decides')], default='check', max_length=7),
        ),
        migrations.AddField(
            model_name='source',
            name='topics',
            field=models.JSONField(blank=True, default=list, help_text='ARNs of the topics that may post; empty: any.'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('held', 'Held until its signature can be checked'), ('digested', 'Digested'), ('rejected', 'Rejected')], default='waiting', max_length=8),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['source'], name='delivery_held'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('body_removed_at__isnull', True), ('state__in', ['digested', 'rejected'])), fields=['received_at', 'id'], name='delivery_with_body'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'held', 'digested', 'rejected'])), name='delivery_state_known'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('body_removed_at__isnull', True), models.Q(('body', b''), ('headers', {})), _connector='OR'), name='delivery_removed_is_empty'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('rate_limit__isnull', True), ('rate_limit__gte', 0), _connector='OR'), name='source_rate_limit_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('sns_check__in', ['check', 'require', 'off'])), name='source_sns_check_known'),
        ),
        migrations.AddIndex(
            model_name='snscertificate',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='certificate_due'),
        ),
        migrations.AddConstraint(
            model_name='snscertificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fetched_at__isnull', True), ('pem', '')), models.Q(('fetched_at__isnull', False), models.Q(('pem', ''), _negated=True)), _connector='OR'), name='certificate_fetched_has_pem'),
        ),
        migrations.AddConstraint(
            model_name='sourcesecret',
            constraint=models.UniqueConstraint(condition=models.Q(('purpose', 'key')), fields=('digest',), name='secret_key_once'),
        ),
        migrations.AddConstraint(
            model_name='sourcesecret',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('source', 'purpose', 'slot'), name='secret_two_live'),
        ),
        migrations.AddConstraint(
            model_name='sourcesecret',
            constraint=models.CheckConstraint(condition=models.Q(('slot__in', [1, 2])), name='secret_slot_known'),
        ),
        migrations.AddConstraint(
            model_name='sourcesecret',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'key'), ('sealed', ''), models.Q(('digest', ''), _negated=True)), models.Q(('digest', ''), ('hint', ''), ('purpose', 'signing'), models.Q(('sealed', ''), _negated=True)), _connector='OR'), name='secret_kept_as_its_purpose_asks'),
        ),
        migrations.AddIndex(
            model_name='topicsubscription',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['next_try_at'], name='subscription_due'),
        ),
        migrations.AddConstraint(
            model_name='topicsubscription',
            constraint=models.UniqueConstraint(fields=('source', 'topic'), name='subscription_once'),
        ),
        migrations.AddConstraint(
            model_name='topicsubscription',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'refused', 'due', 'confirmed', 'failed', 'ended'])), name='subscription_state_known'),
        ),
        migrations.AddConstraint(
            model_name='topicsubscription',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'due'), ('next_try_at__isnull', False)), models.Q(models.Q(('state', 'due'), _negated=True), ('next_try_at__isnull', True)), _connector='OR'), name='subscription_due_has_next_try'),
        ),
    ]
