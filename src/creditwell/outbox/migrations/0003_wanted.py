"""Only events that somebody waits for get a job."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_keys")]
    operations = [
        migrations.RunSQL((SQL / "emit_wanted.sql").read_text(), migrations.RunSQL.noop),
    ]
