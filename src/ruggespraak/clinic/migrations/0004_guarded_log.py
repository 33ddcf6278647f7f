"""The access log begins; the database refuses to change its rows, or to delete one within five years (``log.KEPT_FOR``).

A legal check is written once. SQLite asks no trigger what it may delete for INSERT OR REPLACE, so what has the key of a
row that is there is refused. What 0002 guards is guarded anew, as a table that got a new column may have been remade.
"""

from django.db import migrations

DAYS = 5 * 366
ONCE = ("clinic_fact", "clinic_decision", "clinic_choice", "clinic_legalcheck")
LOG = "clinic_logrow"
TAKEN = dict.fromkeys(ONCE, "id = NEW.id") | {
    "clinic_fact": "id = NEW.id OR episode_id = NEW.episode_id AND number = NEW.number",
    LOG: "number = NEW.number",
}


def guard(apps, schema_editor):
    apps.get_model("clinic", "LogHead").objects.using(schema_editor.connection.alias).create(pk=1)
    for table in (*ONCE, LOG):
        for what in ("UPDATE", "DELETE"):
            _refuse(schema_editor, table, what, old_too=not (table == LOG and what == "DELETE"))
    if schema_editor.connection.vendor == "postgresql":
        for table in (*ONCE, LOG):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION clinic_append_only()"
            )
    else:
        for table, taken in TAKEN.items():
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) "
                f"BEGIN SELECT RAISE(ABORT, 'append only: {table}'); END"
            )


def _refuse(schema_editor, table, what, old_too):
    name = f"{table}_no_{what.lower()}"
    if schema_editor.connection.vendor == "postgresql":
        young = "" if old_too else f"WHEN (OLD.at > now() - interval '{DAYS} days')"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW {young} EXECUTE FUNCTION clinic_append_only()"
        )
    else:
        young = "" if old_too else f"WHEN OLD.at > datetime('now', '-{DAYS} days')"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} {young} "
            f"BEGIN SELECT RAISE(ABORT, 'append only: {table}'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_accounts_and_log")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
