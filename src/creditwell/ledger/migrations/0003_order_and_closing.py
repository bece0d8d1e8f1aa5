"""Lock accounts in one order for a whole act; let nothing slip into books while they are closed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_keys"),
    ]
    operations = [
        migrations.RunSQL((SQL / "closing.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "post.sql").read_text(), migrations.RunSQL.noop),
    ]
