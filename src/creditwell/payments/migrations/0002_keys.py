"""Composite keys; payments are history."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("credit", "0002_keys"),
        ("invoicing", "0002_keys"),
    ]
    operations = [
        PracticeKeys("payments"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
