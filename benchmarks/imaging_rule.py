"""How fast is the imaging rule on tables: through Ibis on each engine, beside the same rule written by hand in SQL?

The rule: what a picture is worth now, of all alarms and recommendations of edition ``current``, and the most that what
is unknown could still make it. It is read from the columns of the findings, and ends in counts. The people are made up
(a hash of their number; 15 % of the answers unknown), and stand in one Parquet file, which every run reads again.

The engines take turns, five times; a rate is the median. It counts only if every engine counts the same, to the last
of them; if not, the exit status is 1. Spark is run where pyspark and Java are. On a shared machine trust ratios more
than rates.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from statistics import median

import duckdb
import ibis
import ibis.expr.types as ir

from ruggespraak.audit.to_ibis import Stages, in_stages, possible, with_columns
from ruggespraak.logic import Expression, Finding, any_of
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Use

ROUNDS, THREADS, ROWS = 5, 2, 10_000_000
KNOWN, PRESENT = 850, 5  # of a thousand
COMMON = {"low_back_pain": 920, "leg_pain": 400, "improving": 500, "relief_sufficient": 400, "cough_sneeze_strain": 400}
COMMON |= {"leg_pain_below_knee": 400, "leg_worse_than_back": 300, "leg_pain_dermatomal": 300}
NUMBERS = {  # the least alarming values mostly, and some on both sides of each limit
    "age_years": "15 + {} % 75", "age_at_first_onset": "15 + {} % 60", "duration_days": "{} % 200",
    "bilateral_since_days": "{} % 120", "trauma_days_ago": "{} % 30", "spinal_procedure_days_ago": "{} % 2000",
    "crp_mg_l": "{} % 22", "esr_mm_h": "{} % 31", "post_void_residual_ml": "{} % 202",
}  # fmt: skip
MRC = "5 - ({} % 40 = 0)::INT * ({} % 3)"

Counts = dict[tuple[str | None, str | None], int]


def conditions() -> dict[str, Expression]:
    """When a picture is worth so much, for each of the three."""
    here = edition("current")
    found: dict[Use, list[Expression]] = {use: [] for use in sorted(Use, reverse=True)}
    for alarm in here.alarms:
        for image, when in alarm.imaging:
            found[image.use].append(alarm.when if when is None else alarm.when & when)
    for one in here.recommendations:
        if one.imaging:
            found[one.imaging.use].append(one.when)
    return {str(use): any_of(rules) for use, rules in found.items()}


def findings() -> list[Finding]:
    asked = frozenset[Finding]().union(*(condition.findings() for condition in conditions().values()))
    return sorted(asked, key=lambda finding: finding.id)


# -- the people -------------------------------------------------------------------------------------------------------


def write(rows: int, file: Path) -> None:
    """The people, as one Parquet file."""
    columns = ", ".join(f"{made_up(place, one)} AS {one.id}" for place, one in enumerate(findings()))
    duckdb.execute(f"COPY (SELECT {columns} FROM range({rows}) AS t(i)) TO '{file}' (FORMAT parquet)")


def made_up(place: int, finding: Finding) -> str:
    draw = f"(hash(i, {place}) >> 8)::BIGINT"
    if finding.kind == "boolean":
        value = f"{draw} % 1000 < {COMMON.get(finding.id, PRESENT)}"
    elif finding.kind == "choice":
        value = f"{list(finding.choices)}[1 + {draw} % {len(finding.choices)}]"
    else:
        value = f"({(MRC if finding.unit == 'MRC' else NUMBERS[finding.id]).format(draw, draw)})::DOUBLE"
    return f"CASE WHEN hash(i, {place + 1000}) % 1000 < {KNOWN} THEN {value} END"


# -- by hand ----------------------------------------------------------------------------------------------------------

BY_HAND = """
WITH nerves AS (
  SELECT *,
    saddle_numbness AND saddle_numbness_before_episode IS NOT TRUE
      OR urinary_retention AND urinary_retention_before_episode IS NOT TRUE
      OR urinary_incontinence_new AND urinary_incontinence_new_before_episode IS NOT TRUE
      OR faecal_incontinence_new AND faecal_incontinence_new_before_episode IS NOT TRUE
      OR perianal_sensation_reduced OR anal_tone_reduced OR post_void_residual_ml > 200 AS cauda_sign,
    bilateral_radicular AND (bilateral_since_days > 90 AND NOT saddle_numbness AND NOT urinary_retention
        AND NOT urinary_incontinence_new AND NOT faecal_incontinence_new) IS NOT TRUE
      OR sexual_dysfunction_new AND sexual_dysfunction_new_before_episode IS NOT TRUE AS cauda_threat,
    mrc_hip_flexion <= 3 OR mrc_knee_extension <= 3 OR mrc_ankle_dorsiflexion <= 3 OR mrc_big_toe_extension <= 3
      OR mrc_plantar_flexion <= 3 OR foot_drop AS paralysis,
    mrc_hip_flexion <= 4 OR mrc_knee_extension <= 4 OR mrc_ankle_dorsiflexion <= 4 OR mrc_big_toe_extension <= 4
      OR mrc_plantar_flexion <= 4 AS mrc_lowered,
    mrc_hip_flexion >= 4 AND mrc_knee_extension >= 4 AND mrc_ankle_dorsiflexion >= 4 AND mrc_big_toe_extension >= 4
      AND mrc_plantar_flexion >= 4 AS complete_examination,
    weak_leg_reported OR heel_walk_fails OR toe_walk_fails AS weakness,
    leg_pain AND (leg_pain_below_knee AND leg_worse_than_back OR leg_pain_below_knee AND leg_pain_dermatomal
      OR leg_pain_below_knee AND cough_sneeze_strain OR leg_worse_than_back AND leg_pain_dermatomal
      OR leg_worse_than_back AND cough_sneeze_strain OR leg_pain_dermatomal AND cough_sneeze_strain) AS radicular,
    low_back_pain OR pain_location IN ('flank', 'thoracic') AS back_pain,
    cancer_history AND cancer_pain_unchanged IS NOT TRUE AS cancer,
    ivdu OR immunosuppressed OR recent_infection_or_bacteraemia OR recent_spinal_or_urological_procedure
      OR tb_or_brucella_exposure AS infection_risk_strong,
    weight_loss_unexplained OR esr_mm_h >= 30 OR band_like_pain AS tumour_sign,
    contusion_abrasion AND age_years >= 50 AS bruised,
    course IN ('worse') AS worse,
    CASE
      WHEN ((age_at_first_onset < 40 OR age_years < 40) IS TRUE)::INT + (onset_mode IN ('gradual') IS TRUE)::INT
        + (ibp_improves_exercise IS TRUE)::INT + (ibp_no_improve_rest IS TRUE)::INT
        + (ibp_night_improves_up IS TRUE)::INT >= 4 THEN TRUE
      WHEN ((age_at_first_onset < 40 OR age_years < 40) IS NOT FALSE)::INT
        + (onset_mode IN ('gradual') IS NOT FALSE)::INT + (ibp_improves_exercise IS NOT FALSE)::INT
        + (ibp_no_improve_rest IS NOT FALSE)::INT
        + (ibp_night_improves_up IS NOT FALSE)::INT >= 4 THEN NULL
      ELSE FALSE
    END AS inflammatory
  FROM read_parquet('{file}')
), signs AS (
  SELECT *,
    foot_drop OR mrc_lowered OR weakness AS motor_deficit,
    foot_drop OR mrc_lowered OR weakness OR numb_leg OR cauda_sign AS deficit,
    weakness AND complete_examination IS NOT TRUE AS weakness_reported,
    mrc_lowered AND (duration_days > 90) IS NOT TRUE OR mrc_lowered AND worse AS paresis,
    diabetes OR infection_risk_strong AS infection_risk,
    onset_mode IN ('sudden') OR sudden_severe_tearing OR worse AS sudden_or_worse,
    CASE
      WHEN (inflammatory IS TRUE)::INT + (family_spa IS TRUE)::INT + (good_nsaid_response IS TRUE)::INT
        + (uveitis IS TRUE)::INT + (psoriasis IS TRUE)::INT + (ibd IS TRUE)::INT
        + (arthritis_enthesitis_dactylitis IS TRUE)::INT + ((crp_mg_l >= 20) IS TRUE)::INT >= 2 THEN TRUE
      WHEN (inflammatory IS NOT FALSE)::INT + (family_spa IS NOT FALSE)::INT + (good_nsaid_response IS NOT FALSE)::INT
        + (uveitis IS NOT FALSE)::INT + (psoriasis IS NOT FALSE)::INT + (ibd IS NOT FALSE)::INT
        + (arthritis_enthesitis_dactylitis IS NOT FALSE)::INT + ((crp_mg_l >= 20) IS NOT FALSE)::INT >= 2 THEN NULL
      ELSE FALSE
    END AS two_of_spa,
    weight_loss_unexplained AND esr_mm_h >= 30 OR weight_loss_unexplained AND band_like_pain
      OR esr_mm_h >= 30 AND band_like_pain
      OR tumour_sign AND (
        age_years > 50 AND (age_at_first_onset > 50 OR duration_days <= 365 OR age_years > 60 AND duration_days <= 3650)
        OR constant_nonmechanical_pain OR night_pain AND night_pain_relief_on_rising IS NOT TRUE OR malaise
        OR duration_days > 42 AND NOT improving OR age_years > 50 AND NOT improving) AS tumour,
    age_years >= 75 AND osteoporosis_known OR age_years >= 75 AND steroids_long OR age_years >= 75 AND bruised
      OR osteoporosis_known AND steroids_long OR osteoporosis_known AND bruised OR steroids_long AND bruised
      OR (age_years >= 75 OR osteoporosis_known OR steroids_long OR bruised)
        AND (minor_trauma_older OR height_loss OR kyphosis_new OR low_body_weight
          OR sex_at_birth IN ('female') AND age_years > 60) AS fracture,
    walk_claudication AND (age_years > 60 OR onset_mode IN ('gradual') OR duration_days >= 90)
      OR bilateral_radicular AND bilateral_since_days > 90 AS stenosis,
    pulsating_abdomen OR known_aaa AND (duration_days > 14) IS NOT TRUE
      OR sudden_severe_tearing AND (collapse_or_shock OR age_years > 60 AND smoking IN ('current', 'former'))
      AS aneurysm
  FROM nerves
), alarms AS (
  SELECT *,
    babinski_or_clonus OR reflex_brisk AND (gait_unsteady OR deficit AND bilateral_radicular) OR lhermitte AS cord_sign,
    fever_reported AND back_pain
      OR infection_risk AND (percussion_pain OR chills OR crp_mg_l >= 20 OR malaise OR constant_nonmechanical_pain)
      OR infection_risk_strong AND ((low_back_pain OR leg_pain) AND (duration_days > 42) IS NOT TRUE OR worse)
      OR crp_mg_l >= 50 AND back_pain AS infection,
    bechterew_known OR duration_days >= 90 AND (age_at_first_onset < 45 OR age_years < 45) AND (
      inflammatory AND (family_spa OR good_nsaid_response OR duration_days >= 1826)
      OR family_spa AND good_nsaid_response OR family_spa AND duration_days >= 1826
      OR good_nsaid_response AND duration_days >= 1826
      OR inflammatory AND (uveitis OR psoriasis OR ibd OR arthritis_enthesitis_dactylitis)
      OR hla_b27 AND two_of_spa) AS spondyloarthritis,
    (anticoagulant OR spinal_procedure_days_ago <= 14) AND deficit AND sudden_or_worse AS haematoma,
    spinal_procedure_days_ago < 42 AND (worse OR duration_days < 42 OR fever_reported OR wound_problem OR deficit)
      AS after_procedure,
    paralysis OR weakness_reported OR weakness_progressive OR paresis OR mrc_lowered OR pain_unbearable
      OR pain_uncontrolled_despite_opioid AS nerve_alarm,
    radicular AND duration_days >= 42 AND NOT relief_sufficient AS surgery_to_weigh
  FROM signs
), kinds AS (
  SELECT *,
    cauda_sign OR cauda_threat OR cord_sign OR gait_unsteady OR cancer OR tumour OR significant_trauma OR fracture
      OR infection OR spondyloarthritis OR aneurysm OR sudden_severe_tearing
      OR (age_at_first_onset < 20 OR age_years < 20) AND step_off_L4L5 OR haematoma
      OR constant_nonmechanical_pain AND (urinary_or_flank OR gynaecological_or_bowel) OR after_procedure OR stenosis
      AS specific,
    nerve_alarm AND leg_pain AS nerve_alarm_leg,
    nerve_alarm AND leg_pain IS NOT TRUE AS nerve_alarm_no_leg,
    age_years < 18 OR pregnant OR NOT low_back_pain AND NOT leg_pain AS outside
  FROM alarms
), pictures AS (
  SELECT
    cauda_sign OR cauda_threat AND motor_deficit OR paralysis OR weakness_progressive OR cord_sign OR gait_unsteady
      OR cancer OR significant_trauma OR fracture OR fever_reported AND back_pain AND deficit OR aneurysm
      OR sudden_severe_tearing OR haematoma OR spinal_procedure_days_ago < 42 AND deficit
      OR after_procedure AS needed,
    cauda_threat OR weakness_reported OR paresis OR mrc_lowered OR tumour OR infection OR spondyloarthritis
      OR pain_unbearable OR pain_uncontrolled_despite_opioid OR stenosis OR surgery_to_weigh AS consider,
    low_back_pain AND (leg_pain OR NOT leg_pain)
        AND (specific OR nerve_alarm_leg OR nerve_alarm_no_leg OR outside OR radicular) IS NOT TRUE
      OR (nerve_alarm_leg AND specific IS NOT TRUE
          OR radicular AND (specific OR nerve_alarm_leg OR nerve_alarm_no_leg OR outside) IS NOT TRUE)
        AND (NOT duration_days >= 42 OR relief_sufficient)
        AND nerve_alarm IS NOT TRUE AND surgery_to_weigh IS NOT TRUE AS not_useful
  FROM kinds
)
SELECT
  CASE WHEN needed THEN 'needed' WHEN consider THEN 'consider' WHEN not_useful THEN 'not_useful' END AS imaging,
  CASE WHEN needed IS NOT FALSE THEN 'needed' WHEN consider IS NOT FALSE THEN 'consider'
    WHEN not_useful IS NOT FALSE THEN 'not_useful' END AS imaging_open,
  count(*) AS people
FROM pictures GROUP BY ALL
"""


# -- the engines ------------------------------------------------------------------------------------------------------


def rule(table: ir.Table, stages: Stages, names: list[str]) -> ir.Table:
    """The same through Ibis: how many there are of each imaging and what it could still be."""
    worth = with_columns(table, stages, names)
    known = ibis.cases(*((worth[use], use) for use in names))
    still = ibis.cases(*((possible(worth[use]), use) for use in names))
    return worth.select(imaging=known, imaging_open=still).value_counts(name="people")


def engines(file: Path) -> dict[str, Callable[[], Counts]]:
    """Each engine that is here, ready to run."""
    ready = conditions()
    stages, names = in_stages(ready), list(ready)
    here = duckdb.connect(config={"threads": THREADS})
    on_duckdb = ibis.duckdb.connect(threads=THREADS)

    def through(backend: ibis.BaseBackend) -> Callable[[], Counts]:
        return lambda: counted(rule(backend.read_parquet(file), stages, names).to_pyarrow().to_pylist())

    def by_hand() -> Counts:
        return counted(here.execute(BY_HAND.format(file=file)).to_arrow_table().to_pylist())

    found = {
        "by hand, DuckDB": by_hand,
        "Ibis, DuckDB": through(on_duckdb),
        "Ibis, Polars": through(ibis.polars.connect()),
    }
    if find_spec("pyspark") and which("java"):
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.master(f"local[{THREADS}]").getOrCreate()
        found[f"Ibis, Spark local[{THREADS}]"] = through(ibis.pyspark.connect(spark))
    return found


def counted(rows: list[dict]) -> Counts:
    return {(row["imaging"], row["imaging_open"]): row["people"] for row in rows}


def measure(rows: int) -> tuple[dict[str, list[float]], dict[str, Counts]]:
    """Seconds of each run, and what was counted, by engine."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.parquet"
        write(rows, file)
        run = engines(file)
        counts = {name: one() for name, one in run.items()}  # the first time compiles, and is not timed
        seconds: dict[str, list[float]] = {name: [] for name in run}
        for _ in range(ROUNDS):
            for name, one in run.items():
                start = time.perf_counter()
                again = one()
                seconds[name].append(time.perf_counter() - start)
                assert again == counts[name], f"{name} does not count the same twice"
        return seconds, counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    seconds, counts = measure(asked.rows)
    first, *others = counts
    middle = {name: median(took) for name, took in seconds.items()}
    if asked.json:
        found = {
            "rows": asked.rows,
            "rows a second": {name: round(asked.rows / took, -4) for name, took in middle.items()},
            "times by hand": {name: round(took / middle[first], 2) for name, took in middle.items()},
            "counts": {f"{known}, may be {still}": n for (known, still), n in sorted(counts[first].items(), key=str)},
        }
        print(json.dumps(found, indent=2))
    else:
        for name, took in middle.items():
            span = f"{min(seconds[name]):.2f} to {max(seconds[name]):.2f}"
            print(f"{name:24}{asked.rows / took / 1e6:8.1f} million a second {took / middle[first]:6.2f}x   {span} s")
        for (known, still), people in sorted(counts[first].items(), key=str):
            print(f"{people:12,}  {known}, may be {still}")
    differ = [name for name in others if counts[name] != counts[first]]
    for name in differ:
        print(f"wrong: {name} counts {counts[name]}, {first} counts {counts[first]}", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
