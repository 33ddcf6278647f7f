// Runs a FHIR Measure on the bundles of patients with fqm-execution, which knows nothing of us.
//
// In, one JSON object: {codes: the text of the library HedisCodes, until: the last day, bundles}.
// Out, one JSON object: {errors, seconds, results: {<id of a patient>: {<id of a group>: {<id of an Encounter>:
// [populations that it is in]}}}}; the seconds are those of the measure alone, without the translation of its CQL.
import { readFileSync } from "node:fs";
import { Calculator } from "fqm-execution";
import { managerOf, translated } from "./translate.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const file = (name) => readFileSync(new URL(`hedis/${name}`, import.meta.url), "utf8");
const base64 = (text) => Buffer.from(text).toString("base64");

const libraries = { LowBackPainImaging: file("LowBackPainImaging.cql"), HedisCodes: asked.codes };
const errors = [];
const elm = translated(libraries, managerOf(libraries), errors);
const measure = {
  resourceType: "Bundle",
  type: "collection",
  entry: [
    { resource: JSON.parse(file("measure.json")) },
    ...Object.entries(elm).map(([name, found]) => ({
      resource: {
        resourceType: "Library",
        id: name,
        url: `https://ruggespraak.example/fhir/Library/${name}`,
        version: found.library.identifier.version,
        name,
        status: "draft",
        type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/library-type", code: "logic-library" }] },
        content: [{ contentType: "application/elm+json", data: base64(JSON.stringify(found)) }],
      },
    })),
  ],
};

const of = (populations) => populations.filter(({ result }) => result).map(({ populationType }) => populationType);
const results = {};
const began = performance.now();
const calculated = await Calculator.calculate(measure, asked.bundles, {
  measurementPeriodStart: "1900-01-01",
  measurementPeriodEnd: asked.until,
  trustMetaProfile: false,
  calculateHTML: false,
  calculateSDEs: false,
  includeClauseResults: false,
  verboseCalculationResults: false,
});
const seconds = (performance.now() - began) / 1000;
for (const { patientId, detailedResults } of calculated.results) {
  results[patientId] = Object.fromEntries(
    detailedResults.map(({ groupId, episodeResults }) => [
      groupId,
      Object.fromEntries((episodeResults ?? []).map((one) => [one.episodeId, of(one.populationResults)])),
    ]),
  );
}
process.stdout.write(`\n${JSON.stringify({ errors, seconds, results })}`);
