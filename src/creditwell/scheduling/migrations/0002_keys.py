"""Composite keys; no double booking."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0001_initial"),
        ("catalog", "0002_keys"),
        ("people", "0002_keys"),
    ]
    operations = [
        PracticeKeys("scheduling"),
        migrations.RunSQL((SQL / "overlap.sql").read_text(), migrations.RunSQL.noop),
    ]
