"""All definitions together, and the FHIR package that other systems install: the same bytes every time."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Mapping

from ruggespraak import __version__
from ruggespraak.fhir.cql import FINDINGS_LIBRARY, from_parameters, libraries
from ruggespraak.fhir.definitions.activity import activities
from ruggespraak.fhir.definitions.definition import LICENCE, PUBLISHER
from ruggespraak.fhir.definitions.narrative import BASE_LANGUAGE, exchange
from ruggespraak.fhir.definitions.plan import library_id, library_resources, plan
from ruggespraak.fhir.definitions.provenance import provenance
from ruggespraak.fhir.definitions.questionnaire import questionnaire
from ruggespraak.fhir.definitions.terminology import terminology
from ruggespraak.fhir.names import FHIR_VERSION, PACKAGE, Resource
from ruggespraak.pathway.codes.addresses import BASE
from ruggespraak.pathway.editions import edition

ARCHIVE = f"{PACKAGE}-{__version__}.tgz"
INDEXED = ("resourceType", "id", "url", "version", "kind", "type")


def definitions(editions: Iterable[str]) -> list[Resource]:
    """Everything that another engine needs to run these editions. Raises UnknownEditionError."""
    common = [*terminology(), *activities()]
    found = list(common)
    for id in editions:
        here = edition(id)
        own = [questionnaire(here), plan(here), *library_resources(here)]
        found += [*own, provenance(here, [*own, *common])]
    return sorted({file_name(one): one for one in found}.values(), key=file_name)


def files(editions: Iterable[str]) -> dict[str, bytes]:
    """The same as files, by path: each definition, the CQL as text, and the package. Raises UnknownEditionError.

    For an engine without FHIR there is the library of findings with the answers as parameters.
    """
    listed = list(editions)
    made = definitions(listed)
    found = {file_name(one): as_text(one).encode() for one in made}
    for one in (library for id in listed for library in libraries(edition(id))):
        found[f"cql/{library_id(one)}.cql"] = one.text.encode()
        if one.name == FINDINGS_LIBRARY:
            found[f"cql-without-fhir/{library_id(one)}.cql"] = from_parameters(one.version).encode()
    return {**found, ARCHIVE: archive(made)}


def file_name(resource: Resource) -> str:
    """``Questionnaire-current.json``."""
    return f"{resource['resourceType']}-{resource['id']}.json"


def as_text(content: object) -> str:
    """JSON as a file has it."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def archive(resources: Iterable[Resource]) -> bytes:
    """The package: its manifest, its index, and a file for each resource."""
    listed = list(resources)
    files = {"package.json": as_text(_manifest()), ".index.json": as_text(_index(listed))}
    files |= {file_name(one): as_text(one) for one in listed}
    return _packed({f"package/{name}": said.encode() for name, said in files.items()})


def _manifest() -> Resource:
    return {
        "name": PACKAGE,
        "version": __version__,
        "type": "Conformance",
        "fhirVersions": [FHIR_VERSION],
        "dependencies": {"hl7.fhir.r4.core": FHIR_VERSION},
        "canonical": BASE,
        "url": BASE,
        "title": exchange("package", "title")[BASE_LANGUAGE],
        "description": exchange("package", "about")[BASE_LANGUAGE],
        "author": PUBLISHER,
        "license": LICENCE,
        "jurisdiction": "urn:iso:std:iso:3166#NL",
    }


def _index(resources: Iterable[Resource]) -> Resource:
    """What stands in the package, for who looks for one definition. A type of more words than one is left out."""
    files = [
        {"filename": file_name(one), **{key: one[key] for key in INDEXED if isinstance(one.get(key), str)}}
        for one in resources
    ]
    return {"index-version": 1, "files": files}


def _packed(files: Mapping[str, bytes]) -> bytes:
    """A compressed archive that says nothing of when, where or by whom it was made."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            tar.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), mtime=0)
