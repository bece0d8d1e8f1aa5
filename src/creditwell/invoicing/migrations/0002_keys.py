"""Composite keys; what is issued is history."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0001_initial"),
        ("scheduling", "0002_keys"),
        ("ledger", "0002_keys"),
    ]
    operations = [
        PracticeKeys("invoicing"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
