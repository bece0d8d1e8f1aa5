"""Composite keys."""

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("tenancy", "0002_keys"),
    ]
    operations = [
        PracticeKeys("catalog"),
    ]
