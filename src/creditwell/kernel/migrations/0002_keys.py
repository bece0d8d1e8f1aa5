"""Composite keys, and the tools that keep history."""

from pathlib import Path

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_initial"),
    ]
    operations = [
        PracticeKeys("kernel"),
        migrations.RunSQL((SQL / "history.sql").read_text(), migrations.RunSQL.noop),
    ]
