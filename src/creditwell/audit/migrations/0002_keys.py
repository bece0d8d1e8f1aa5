"""Composite keys; the trail is append-only."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("tenancy", "0002_keys"),
    ]
    operations = [
        PracticeKeys("audit"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
