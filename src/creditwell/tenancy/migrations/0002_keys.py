"""Composite keys."""

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_initial"),
        ("kernel", "0002_keys"),
    ]
    operations = [
        PracticeKeys("tenancy"),
    ]
