from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The bank may take back what was refunded already: that is a loss, and no contradiction."""

    dependencies = [("payments", "0003_credit_acts")]

    operations = [
        migrations.RemoveConstraint(
            model_name="paymentpart", name="payments_part_not_over_refunded"
        ),
        migrations.AddConstraint(
            model_name="paymentpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gte", 0),
                    ("dishonoured_minor__gte", 0),
                    ("refunded_minor__gte", 0),
                    (
                        "refunded_minor__lte",
                        models.F("amount_minor") + models.F("rounding_minor"),
                    ),
                    (
                        "dishonoured_minor__lte",
                        models.F("amount_minor") + models.F("rounding_minor"),
                    ),
                ),
                name="payments_part_not_over_refunded",
            ),
        ),
    ]
