"""Which patient of another system is which of ours."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0006_card_feedback")]
    operations = [
        migrations.CreateModel(
            name="KnownElsewhere",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="elsewhere", to="clinic.patient"
                    ),
                ),
                (
                    "sent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.fact"
                    ),
                ),
            ],
        ),
    ]
