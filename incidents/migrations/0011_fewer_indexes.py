"""Columns that begin another index of their table need none of their own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0010_source_mapping_reports'),
        ('ownership', '0007_words_of_their_own'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='incident',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='incidents.incident'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='service',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='incidents.source'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='incidents.source'),
        ),
    ]
