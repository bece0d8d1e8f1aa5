"""Payers who were merged into another, and the order of lists."""

import django.db.models.deletion
from django.db import migrations, models

import creditwell.people.models
from creditwell.kernel.keys import PracticeKeys


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_keys"),
        ("tenancy", "0002_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="payer",
            name="merged_into",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.payer",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="sort_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=creditwell.people.models.SortName(),
                output_field=models.CharField(db_collation="C", max_length=170),
            ),
        ),
        migrations.RemoveIndex(model_name="patient", name="people_patient_by_name"),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                fields=["practice", "sort_name", "id"], name="people_patient_by_name"
            ),
        ),
        PracticeKeys("people"),
    ]
