"""What a release is made of (CycloneDX 1.5), for who must know whether a fault in somebody else's software is ours too.

uv knows the packages of the lock file, their hashes and what needs what; here come the licences, which extra brings
what, our own version, and what is copied into the package and so stands in no lock file. The same commit gives the
same bytes. Prints it: ``UV=uv SOURCE_DATE_EPOCH=0 python docs/making/sbom.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dependencies import packages

import ruggespraak

ROOT = Path(__file__).resolve().parents[2]
EXPORT = ["export", "--quiet", "--frozen", "--no-dev", "--all-extras", "--format", "cyclonedx1.5"]
EXPORT += ["--preview-features", "sbom-export"]  # else it warns that this is new
OURS = "Apache-2.0"
COPIED = (  # name, version, licence, what names it in a registry
    ("Atkinson Hyperlegible Next", "2.001", "OFL-1.1", None),
    ("Fraunces", "1.000", "OFL-1.1", None),
    ("nhsuk-frontend", "10.6.1", "MIT", "pkg:npm/nhsuk-frontend@10.6.1"),
)


def sbom(uv: str, made: datetime) -> dict[str, Any]:
    """All that anybody who installs some extra may get; not what we build and test with."""
    ran = subprocess.run([uv, *EXPORT], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    locked = {package.name: package for package in packages()}
    for component in found["components"]:
        package = locked[component["name"]]
        component["licenses"] = [{"expression": package.licence}]
        component.setdefault("properties", []).append({"name": "ruggespraak:parts", "value": " ".join(package.parts)})
    ours = found["metadata"]["component"]
    ours |= {
        "version": ruggespraak.__version__,
        "purl": f"pkg:pypi/ruggespraak@{ruggespraak.__version__}",
        "licenses": [{"expression": OURS}],
    }
    copied = [_copied(*one) for one in COPIED]
    found["components"] += copied
    found["dependencies"] += [{"ref": one["bom-ref"]} for one in copied]
    (needs,) = (one for one in found["dependencies"] if one["ref"] == ours["bom-ref"])
    needs["dependsOn"] += [one["bom-ref"] for one in copied]
    found["metadata"]["timestamp"] = made.isoformat().replace("+00:00", "Z")
    del found["serialNumber"]
    return {"serialNumber": uuid5(NAMESPACE_URL, json.dumps(found, sort_keys=True)).urn, **found}


def _copied(name: str, version: str, licence: str, purl: str | None) -> dict[str, Any]:
    component = {"type": "library", "bom-ref": f"{name}@{version}", "name": name, "version": version}
    if purl:
        component["purl"] = purl
    return {**component, "licenses": [{"expression": licence}]}


if __name__ == "__main__":
    commit = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    print(json.dumps(sbom(os.environ["UV"], commit), indent=1))
