"""Wherever the records are, the figures are the same: Spark's SQL is read back here, Spark itself runs where it is."""

import importlib
from datetime import date
from shutil import which
from unittest.mock import patch

import ibis
import ibis.expr.types as ir
import pytest
import sqlglot
from on_engines import SparkOptions

from ruggespraak.audit import engine as engines
from ruggespraak.audit.audit import audit
from ruggespraak.audit.engine import connected
from ruggespraak.audit.parquet import read_parquet
from ruggespraak.population import records
from ruggespraak.population.simulate import Run

COLUMNS = {"number": "int32", "word": "string", "day": "date", "sure": "boolean"}
STAGES = ("audit", "looks", "outcome", "measures", "hedis")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Records of some hundreds of people."""
    into = tmp_path_factory.mktemp("people") / "records"
    records.write(Run(people=400, years=1, seed=9), into)
    return into


def figures(connection, folder):
    """What an audit finds there, without the name of the engine."""
    found = audit(read_parquet(connection, folder)).found
    return {**found, "manifest": {**found["manifest"], "engine": ""}}


def rows_of_one_only(connection, one, other):
    """How many rows of one of two queries the other does not have."""
    return connection.raw_sql(f"SELECT count(*) FROM (({one}) EXCEPT ALL ({other}))").fetchall()[0][0]


def test_every_table_that_an_audit_makes_says_the_same_in_the_words_of_spark(folder, monkeypatch):
    """Those that it keeps, and those that it takes out for its figures."""
    connection, compared = connected(), {}
    taken_out = ir.Table.to_pyarrow

    def compare(name, table, here):
        with patch.object(ibis.options, "pyspark", SparkOptions()):
            spark = str(ibis.to_sql(table, dialect="pyspark"))
        (there,) = sqlglot.transpile(spark, read="spark", write="duckdb")
        compared[name] = rows_of_one_only(connection, there, here), rows_of_one_only(connection, here, there)

    def kept(engine, table, name):
        made = engines.kept(engine, table, name)
        compare(name, table, str(ibis.to_sql(made)))
        return made

    def to_pyarrow(table, **options):
        compare(f"taken out: {len(compared)}", table, str(ibis.to_sql(table, dialect="duckdb")))
        return taken_out(table, **options)

    records = read_parquet(connection, folder)
    monkeypatch.setattr(ir.Table, "to_pyarrow", to_pyarrow)
    for name in STAGES:
        stage = importlib.import_module(f"ruggespraak.audit.{name}")
        if hasattr(stage, "kept"):
            monkeypatch.setattr(stage, "kept", kept)
    audit(records)
    assert {"seen", "answers", "looks", "decided", "cases"} <= compared.keys()
    assert sum(name.startswith("taken out") for name in compared) >= 4
    assert {name: rows for name, rows in compared.items() if rows != (0, 0)} == {}


@pytest.fixture(scope="module")
def spark():
    """Spark on this computer."""
    pytest.importorskip("pyspark", reason="Spark: pip install 'ruggespraak[spark]'")
    if not which("java"):
        pytest.skip("Spark needs Java")
    return connected("local[2]")


@pytest.mark.slow
def test_what_is_not_known_is_not_known_on_spark_and_what_is_stays_as_it_is(spark):
    told = [{"number": 7, "word": "unclear", "day": date(2024, 2, 29), "sure": False}, dict.fromkeys(COLUMNS)]
    rows = ibis.memtable(told, schema=COLUMNS)
    assert engines.kept(spark, rows, "told").order_by(ibis.desc("number")).to_pyarrow().to_pylist() == told


@pytest.mark.slow
def test_spark_itself_finds_the_same_figures(spark, folder):
    assert figures(spark, folder) == figures(connected(), folder)
