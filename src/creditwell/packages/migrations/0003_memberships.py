"""Memberships: the day that periods begin on, what a pause and a cancel keep, days of a period."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packages", "0002_keys")]
    operations = [
        migrations.RemoveConstraint(
            model_name="membership", name="packages_membership_state"
        ),
        migrations.RemoveIndex(model_name="membership", name="packages_membership_due"),
        migrations.AddField("membership", "anchor_on", models.DateField(null=True)),
        migrations.RunSQL(
            "UPDATE packages_membership SET anchor_on = started_on,"
            " renews_on = coalesce(renews_on, cancelled_on, started_on)",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField("membership", "anchor_on", models.DateField()),
        migrations.AlterField("membership", "renews_on", models.DateField()),
        migrations.AddField("package", "period_starts_on", models.DateField(null=True)),
        migrations.AddField("package", "period_ends_on", models.DateField(null=True)),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("status", "cancelled"), _negated=True),
                fields=["practice", "renews_on"],
                name="packages_membership_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_on__isnull", False), ("status", "cancelled")),
                    models.Q(
                        ("cancelled_on__isnull", True),
                        ("paused_on__isnull", True),
                        ("status", "active"),
                    ),
                    models.Q(
                        ("cancelled_on__isnull", True),
                        ("paused_on__isnull", False),
                        ("status", "paused"),
                    ),
                    _connector="OR",
                ),
                name="packages_membership_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resumes_on__isnull", True),
                    ("resumes_on__gt", models.F("paused_on")),
                    _connector="OR",
                ),
                name="packages_membership_pause",
            ),
        ),
    ]
