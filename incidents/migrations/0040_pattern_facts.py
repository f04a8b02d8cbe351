import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0039_imported_history'),
        ('ownership', '0016_pauses_of_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatternFinding',
            fields=[
                ('finding', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='incidents.finding')),
                ('detected_at', models.DateTimeField()),
                ('severity', models.CharField(max_length=8)),
                ('detected_by', models.CharField(max_length=14)),
                ('private', models.BooleanField()),
                ('counted', models.BooleanField()),
                ('layer', models.CharField(max_length=11)),
                ('role', models.CharField(max_length=15)),
                ('confidence', models.CharField(max_length=9)),
                ('is_primary', models.BooleanField()),
                ('state', models.CharField(max_length=11)),
                ('component', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ownership.component')),
                ('dependency', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ownership.dependency')),
                ('incident', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='incidents.incident')),
                ('mode', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='incidents.failuremode')),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ownership.service')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('counted', True)), fields=['detected_at'], name='pattern_finding_detected'), models.Index(condition=models.Q(('counted', True)), fields=['service', 'layer', 'mode', 'detected_at'], name='pattern_finding_recurs')],
            },
        ),
        migrations.CreateModel(
            name='PatternIncident',
            fields=[
                ('incident', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='incidents.incident')),
                ('detected_at', models.DateTimeField()),
                ('severity', models.CharField(max_length=8)),
                ('type', models.CharField(max_length=13)),
                ('detected_by', models.CharField(max_length=14)),
                ('private', models.BooleanField()),
                ('counted', models.BooleanField()),
                ('impact_from', models.DateTimeField(null=True)),
                ('impact_until', models.DateTimeField(null=True)),
                ('impact_precision', models.CharField(max_length=8)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('identified_at', models.DateTimeField(null=True)),
                ('mitigated_at', models.DateTimeField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('share_from', models.DecimalField(decimal_places=3, help_text='Percent of the traffic.', max_digits=6, null=True)),
                ('share_until', models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ('monitors_green', models.CharField(max_length=7)),
                ('owned', models.BooleanField(help_text='Somebody was accountable when it opened; empty: not recorded.', null=True)),
                ('first_blame', models.CharField(max_length=11)),
                ('suggested_layer', models.CharField(max_length=11)),
                ('primary_layer', models.CharField(max_length=11)),
                ('primary_state', models.CharField(max_length=11)),
                ('reviewed', models.SmallIntegerField(help_text='The layers of its reviewed findings, a bit each: see BITS.')),
                ('provisional', models.SmallIntegerField(help_text='The layers of its provisional findings, a bit each.')),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ownership.service')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('counted', True)), fields=['detected_at'], name='pattern_incident_detected'), models.Index(condition=models.Q(('counted', True)), fields=['service', 'detected_at'], name='pattern_incident_service')],
            },
        ),
    ]
