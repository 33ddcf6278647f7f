/* Somebody else's practice in one process, for the tests of a SMART launch: an authorization server and a FHIR server.

   Standard input is how it is told what to do, one JSON value a line, each with one line back; when it ends, so does
   the practice: none is left behind, whatever happens to the tests. First the resources, which gives the two addresses;
   then {"switches": {...}}, {"launch": "patient id"}, {"register": {client_id, jwks}}, {"resources": "Observation"}. */
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { fhirServer } from "./fhir_server.mjs";
import { smartServer } from "./smart_server.mjs";

const GOOD = {
  patient: null, // whom a standalone launch picks; else the first one here
  wrong_state: false, // the user comes back with another state
  denied: false, // the user does not allow it
  token_error: null, // this error ("invalid_grant") instead of a token
  no_patient: false, // a token without a patient
  scope: null, // this scope, whatever was asked
  token_refused: false, // the FHIR server answers 401
  delay_ms: 0, // before each answer of the FHIR server
  answers: {}, // kind of resource, or "*" -> "outcome" (200 with an OperationOutcome), "500", "html"
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (it) => process.stdout.write(`${JSON.stringify(it)}\n`);
const resources = JSON.parse((await lines.next()).value);
const first = resources.find((it) => it.resourceType === "Patient")?.id ?? null;
const [grants, launches, registered] = [new Map(), new Map(), new Map()];
const switches = { ...GOOD, patient: first };

let fhir;
const oauth = await smartServer({ grants, launches, registered, switches, fhirBase: () => fhir.base });
fhir = await fhirServer({ resources, grants, switches, smartConfiguration: oauth.configuration });
say({ oauth: oauth.issuer, fhir: fhir.base });

const CAN = {
  switches: (named) => {
    const unknown = Object.keys(named).filter((name) => !(name in GOOD));
    if (unknown.length) return { error: `no such switch: ${unknown}; there are ${Object.keys(GOOD)}` };
    return Object.assign(switches, GOOD, { patient: first }, named);
  },
  launch: (patient) => {
    const launch = randomUUID();
    launches.set(launch, patient);
    return launch;
  },
  register: ({ client_id, jwks }) => {
    registered.set(client_id, jwks);
    return null;
  },
  resources: (kind) => fhir.kept(kind),
};
for await (const line of lines) {
  const [[what, how]] = Object.entries(JSON.parse(line));
  say(await CAN[what](how));
}
process.exit();
