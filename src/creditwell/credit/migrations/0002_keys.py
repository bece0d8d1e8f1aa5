"""Composite keys; a lot keeps its origin."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0001_initial"),
        ("people", "0002_keys"),
        ("ledger", "0002_keys"),
    ]
    operations = [
        PracticeKeys("credit"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
