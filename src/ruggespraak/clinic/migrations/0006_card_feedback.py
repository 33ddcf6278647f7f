"""What is done with the cards of CDS Hooks; the database refuses to change or delete it, as 0004 does for facts."""

from django.db import migrations, models

TABLE = "clinic_cardfeedback"
TAKEN = "id = NEW.id OR card = NEW.card AND outcome = NEW.outcome"


def guard(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for what, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            schema_editor.execute(
                f"CREATE TRIGGER {TABLE}_no_{what.lower()} BEFORE {what} ON {TABLE} "
                f"FOR EACH {each} EXECUTE FUNCTION clinic_append_only()"
            )
        return
    for what, name, when in (
        ("UPDATE", "update", ""),
        ("DELETE", "delete", ""),
        ("INSERT", "replace", f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE {TAKEN}) "),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_no_{name} BEFORE {what} ON {TABLE} {when}"
            f"BEGIN SELECT RAISE(ABORT, 'append only: {TABLE}'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("clinic", "0005_country_run")]
    operations = [
        migrations.CreateModel(
            name="CardFeedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("card", models.UUIDField()),
                ("practice", models.UUIDField(null=True)),
                ("service", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=12)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "at"], name="feedback_of_practice")],
                "constraints": [models.UniqueConstraint(fields=("card", "outcome"), name="one_outcome_of_a_card")],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
