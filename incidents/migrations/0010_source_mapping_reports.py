"""Mappings of sources, reports by people, counts by the hour, the last word on quality, silence, causes."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0009_grouping'),
        ('ownership', '0006_catalogue_uploads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='QualitySignal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(choices=[('eval', 'Evaluation'), ('guardrail', 'Guardrail'), ('report', 'User report')], max_length=9)),
                ('state', models.CharField(choices=[('failing', 'Failing'), ('ok', 'OK')], max_length=7)),
                ('problem_key', models.CharField(help_text='Of the reading that said so.', max_length=300)),
                ('at', models.DateTimeField(help_text="By the sender's clock.")),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('delivery', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='incidents.delivery')),
                ('filed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dismissed_at', models.DateTimeField(blank=True, help_text='Not a problem, an editor said.', null=True)),
                ('dismissed_why', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='SourceHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(help_text='Where the hour begins.')),
                ('deliveries', models.PositiveIntegerField(default=0)),
                ('rejected', models.PositiveIntegerField(default=0, help_text='Of these, when they were counted.')),
            ],
        ),
        migrations.CreateModel(
            name='SourceMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='Counts from 1 within its source.')),
                ('text', models.TextField(help_text='As in docs/sources/custom.md.')),
                ('known_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='alert',
            name='dismissed_at',
            field=models.DateTimeField(blank=True, help_text='A report that an editor called no problem.', null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='cause',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Left(models.Func(models.F('reason'), models.Value('[0-9]+'), models.Value('#'), models.Value('g'), function='regexp_replace'), 100), output_field=models.CharField(max_length=100)),
        ),
        migrations.AddField(
            model_name='delivery',
            name='mapping_version',
            field=models.PositiveIntegerField(blank=True, help_text="Which version of its source's mapping read it; empty: the default.", null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='built_in',
            field=models.BooleanField(default=False, help_text="Seamline's own: reports that people file here."),
        ),
        migrations.AddField(
            model_name='source',
            name='expected_hours',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Tell when nothing came for so many hours; empty: it may be silent.', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='expected_since',
            field=models.DateTimeField(blank=True, help_text='Silence before this does not count.', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='silence_told_at',
            field=models.DateTimeField(blank=True, help_text='When people were told of this silence.', null=True),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'rejected')), fields=['source', 'cause', '-received_at', '-id'], name='delivery_cause'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(condition=models.Q(('built_in', True)), fields=('kind',), name='source_one_built_in'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expected_hours__isnull', True), ('expected_since__isnull', True)), models.Q(('expected_hours__gte', 1), ('expected_since__isnull', False)), _connector='OR'), name='source_expected_pair'),
        ),
        migrations.AddField(
            model_name='qualitysignal',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ownership.service'),
        ),
        migrations.AddField(
            model_name='qualitysignal',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.source'),
        ),
        migrations.AddField(
            model_name='report',
            name='dismissed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='report',
            name='filed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='report',
            name='service',
            field=models.ForeignKey(blank=True, help_text='As they said.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service'),
        ),
        migrations.AddField(
            model_name='sourcehour',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.source'),
        ),
        migrations.AddField(
            model_name='sourcemapping',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sourcemapping',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='incidents.source'),
        ),
        migrations.AddConstraint(
            model_name='qualitysignal',
            constraint=models.UniqueConstraint(fields=('service', 'sort'), name='quality_signal_once'),
        ),
        migrations.AddConstraint(
            model_name='qualitysignal',
            constraint=models.CheckConstraint(condition=models.Q(('sort__in', ['eval', 'guardrail', 'report']), ('state__in', ['failing', 'ok'])), name='quality_signal_known'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['filed_by', '-filed_at', '-delivery'], name='report_of_person'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['-filed_at', '-delivery'], name='report_latest'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dismissed_at__isnull', True), ('dismissed_by__isnull', True), ('dismissed_why', '')), models.Q(('dismissed_at__isnull', False), ('dismissed_by__isnull', False), models.Q(('dismissed_why', ''), _negated=True)), _connector='OR'), name='report_dismissed_whole'),
        ),
        migrations.AddIndex(
            model_name='sourcehour',
            index=models.Index(fields=['-hour'], name='source_hour_latest'),
        ),
        migrations.AddConstraint(
            model_name='sourcehour',
            constraint=models.UniqueConstraint(fields=('source', 'hour'), name='source_hour_once'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.UniqueConstraint(fields=('source', 'version'), name='mapping_version_once'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('source',), name='mapping_one_current'),
        ),
    ]
