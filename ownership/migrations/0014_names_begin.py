"""Names and addresses are found by how they begin."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0013_notices_below_a_path'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='person',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('name'), 'text_pattern_ops'), name='person_name_begins'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('email'), 'text_pattern_ops'), name='person_email_begins'),
        ),
        migrations.AddIndex(
            model_name='team',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('name'), 'text_pattern_ops'), name='team_name_begins'),
        ),
    ]
