"""Composite keys."""

from django.db import migrations

from creditwell.kernel.keys import PracticeKeys


class Migration(migrations.Migration):
    dependencies = [
        ("email", "0001_initial"),
        ("people", "0002_keys"),
    ]
    operations = [
        PracticeKeys("email"),
    ]
