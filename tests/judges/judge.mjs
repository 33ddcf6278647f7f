/* Judges resources from outside. Standard input: a resource a line. Standard output: a complaint a line,
   {index, judge, path, says}, and at last {judged: how many}. Each judge misses what another one finds
   (tests/fhir/test_judges.py): all are asked. */
import { createInterface } from "node:readline";
import { constraints } from "./constraints.mjs";
import { details } from "./details.mjs";
import { medplum } from "./medplum.mjs";
import { schema } from "./schema.mjs";

const JUDGES = { medplum, schema, fhirpath: constraints, details };

function* complaints(resource) {
  for (const [judge, judged] of Object.entries(JUDGES))
    try {
      for (const complaint of judged(resource)) yield { judge, ...complaint };
    } catch (error) {
      yield { judge, path: resource.resourceType, says: `could not be judged: ${error.message}` };
    }
}

let index = 0;
for await (const line of createInterface({ input: process.stdin })) {
  for (const complaint of complaints(JSON.parse(line))) console.log(JSON.stringify({ index, ...complaint }));
  index += 1;
}
console.log(JSON.stringify({ judged: index }));
