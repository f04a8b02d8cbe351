"""Messages to webhooks are called back when what they are about becomes private."""

from django.db import migrations, models

# Which of those sent so far were private is not known; those to webhooks that hear of private things may be.
MARK = """
UPDATE ownership_webhookdelivery AS sent SET is_private = true
FROM ownership_webhook AS hook WHERE hook.id = sent.webhook_id AND hook.private AND sent.about <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0014_names_begin'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookdelivery',
            name='is_private',
            field=models.BooleanField(default=False, help_text='What it is about is private, or became so.'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='is_withheld',
            field=models.BooleanField(default=False, help_text='Its webhook may not be told this any more.'),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['about'], name='webhook_delivery_about'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('is_withheld', False), models.Q(('body', ''), ('next_try_at__isnull', True)), _connector='OR'), name='webhook_withheld_is_gone'),
        ),
    ]
