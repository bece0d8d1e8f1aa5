"""Composite keys; what was sold stays as it was sold."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("packages", "0001_initial"),
        ("people", "0004_families"),
        ("invoicing", "0003_packages"),
        ("scheduling", "0002_keys"),
        ("ledger", "0003_order_and_closing"),
    ]
    operations = [
        PracticeKeys("packages"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
