"""Composite keys and the promises of the journal."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("tenancy", "0002_keys"),
    ]
    operations = [
        PracticeKeys("ledger"),
        migrations.RunSQL((SQL / "guards.sql").read_text(), migrations.RunSQL.noop),
    ]
