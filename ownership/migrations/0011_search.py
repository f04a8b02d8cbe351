"""What the search reads of services and components, as a column of words; it is in no model (web/search/expressions.py).

Aliases are looked for by how they begin, in small letters.
"""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Lower

FORWARD = """
ALTER TABLE ownership_service ADD COLUMN words tsvector
    GENERATED ALWAYS AS (seamline_words(name || E'\\n' || outcome)) STORED;
CREATE INDEX service_words ON ownership_service USING gin (words);
ALTER TABLE ownership_component ADD COLUMN words tsvector
    GENERATED ALWAYS AS (seamline_words(name || E'\\n' || description)) STORED;
CREATE INDEX component_words ON ownership_component USING gin (words);
"""
BACK = """
ALTER TABLE ownership_component DROP COLUMN words;
ALTER TABLE ownership_service DROP COLUMN words;
"""


class Migration(migrations.Migration):
    dependencies = [("ownership", "0010_webhooks"), ("web", "0002_search")]
    operations = [
        migrations.RunSQL(FORWARD, BACK),
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(OpClass(Lower("key"), name="text_pattern_ops"), name="alias_by_beginning"),
        ),
    ]
