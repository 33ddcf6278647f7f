"""Where the tables are: DuckDB on this machine unless an address names another engine that Ibis knows.

All that an audit asks is written as Ibis expressions, so nothing else here depends on which engine it is.
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.records import AuditError

NUMBERS = count(1)
SPARK = ("spark://", "local[", "yarn", "k8s://")  # how the address of a Spark master begins
# In this process Spark must be told how much memory it may have, and that there is no cluster to cut the work for.
SPARK_HERE = {
    "spark.driver.memory": "3g",
    "spark.buffer.pageSize": "1m",  # of the memory of each of the many sorts of one task
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}


def connected(url: str | None = None, *, memory: str = "3GB", work: Path | None = None) -> ibis.BaseBackend:
    """The engine at this address: a Spark master, or any address that ``ibis.connect`` takes.

    Without one it is DuckDB in this process, with at most this much memory; what does not fit goes to files in
    ``work``, and without ``work`` nowhere: what was stored of patients is never left in a folder that nobody named.
    Raises AuditError; ImportError without the engine's driver.
    """
    try:
        if url is None:
            spill = "" if work is None else str(work)
            return ibis.duckdb.connect(
                memory_limit=memory,
                temp_directory=spill,
                preserve_insertion_order=False,
                autoinstall_known_extensions=False,
            )
        return _spark(url) if url.startswith(SPARK) else ibis.connect(url)
    except ImportError as error:  # the command says which line installs it; Ibis packs in what is missing
        raise (error.__cause__ if isinstance(error.__cause__, ModuleNotFoundError) else error) from None
    except Exception as error:  # each driver has its own
        place = "engine: " + re.sub("//[^/]*@", "//…@", url or "duckdb")  # no password in a message
        expected = (
            "a Spark master (spark://host:7077) or an address that Ibis knows (duckdb://file, postgres://host/name)"
        )
        raise AuditError(f"{place} cannot be reached ({type(error).__name__}); {expected} expected") from error


def _spark(master: str) -> ibis.BaseBackend:
    from pyspark.sql import SparkSession

    settings = {"spark.sql.session.timeZone": "UTC", **(SPARK_HERE if master.startswith("local") else {})}
    session = SparkSession.builder.master(master).appName("ruggespraak audit").config(map=settings).getOrCreate()
    engine = ibis.pyspark.connect(session)

    def bring(table: Any) -> None:
        session.createDataFrame(table.data.to_pyarrow(table.schema)).createOrReplaceTempView(table.name)

    # Ibis 12 goes by pandas: beside one null a number is lost, a text is "NaN".
    engine._register_in_memory_table = bring
    return engine


def kept(engine: ibis.BaseBackend, table: ir.Table, name: str) -> ir.Table:
    """The same table worked out once and kept until the engine is left, under this name and a number."""
    numbered = f"{name}_{next(NUMBERS)}"
    if engine.name != "pyspark":
        return engine.create_table(numbered, table, temp=True)
    view = engine.create_view(numbered, table)
    engine.raw_sql(f"CACHE TABLE {numbered}")
    return view
