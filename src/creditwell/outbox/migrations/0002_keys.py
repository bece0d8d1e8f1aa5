"""Composite keys, and the one way to emit."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
        ("tenancy", "0002_keys"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        PracticeKeys("outbox"),
        migrations.RunSQL((SQL / "emit.sql").read_text(), migrations.RunSQL.noop),
    ]
