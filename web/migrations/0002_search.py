"""The words of a text, as the search knows them (web/search, docs/decisions/0044).

PostgreSQL's parser takes `data.unit` for a host, `-481` for a number and `<b>` for a tag. So marks inside words become
control characters, which no parser looks at, one for one, so that an excerpt can be given its own marks back; control
characters of the text itself go, so that none of them can pass for a mark or for the beginning of a hit. Only the
first 50,000 characters count: a tsvector holds a megabyte at most, and a longer text must still be saved.

The `a` before the second reading is a word that it leaves out: without that gap its first word would follow the last
one of the first reading, and `"tool call"` would be found in "call the tool".

`seamline_words` says again what `seamline_plain` says, because a restore runs without a search path.
"""

from typing import ClassVar

from django.db import migrations

PLAIN = r"""translate(left($1, 50000),
    '-._/:@+~&<–—…‘’“”„«»·•×→' || U&'\00A0'
        || E'\x01\x02\x03\x04\x05\x06\x07\x08\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x7F'
        || E'\x1E\x1F',
    E'\x01\x02\x03\x04\x05\x06\x07\x08\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x7F')"""
FORWARD = f"""
CREATE FUNCTION seamline_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT {PLAIN}
$$;
CREATE FUNCTION seamline_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple', {PLAIN}) || to_tsvector('pg_catalog.english', 'a ' || {PLAIN})
$$;
"""
BACK = "DROP FUNCTION seamline_words(text); DROP FUNCTION seamline_plain(text);"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("web", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACK)]
