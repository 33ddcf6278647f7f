// Translates CQL and runs it in two engines that know nothing of each other, one patient after another.
//
// In, one JSON object: {libraries: {name: text}, fhirFindings, main, runs: [{engine, expressions, patients}]}; a patient
// is {parameters} or {parameters, resources}.
// Engines: "cql-execution" and "kmp" (the one inside @cqframework/cql, without its cache: with it every patient gets the
// answers of the first) with the answers as parameters; "fhir" is cql-execution on the patients' resources, with
// fhirFindings in the place of the library of findings.
// Out, as the last line (the engine inside @cqframework/cql greets first), one JSON object: {errors, translation: seconds,
// runs: [{seconds, results: [{<expression>: value}]}]}.
import { readFileSync } from "node:fs";
import * as kmp from "@cqframework/cql/engine";
import { KtList, KtMap, KtMutableSet } from "@cqframework/cql/kotlin-kotlin-stdlib";
import { BigDecimal } from "@cqframework/cql/shared";
import cql from "cql-execution";
import { PatientContext } from "cql-execution/lib/runtime/context.js";
import fhir from "cql-exec-fhir";
import { managerOf, translated } from "./translate.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const answer = { errors: [], runs: [] };

async function timed(work) {
  const began = performance.now();
  const found = await work();
  return [found, (performance.now() - began) / 1000];
}

const NOW = cql.DateTime.fromJSDate(new Date(), 1); // the clock of the Netherlands in winter
const isDate = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

async function withCqlExecution(elm, { patients, expressions }, contextOf) {
  const library = new cql.Library(elm[asked.main], new cql.Repository(elm));
  const found = [];
  for (const patient of patients) {
    const context = contextOf(library, patient);
    const result = {};
    for (const name of expressions) {
      if (!library.expressions[name]) throw new Error(`${asked.main} defines no ${name}`);
      result[name] = (await library.expressions[name].execute(context)) ?? null;
    }
    found.push(result);
  }
  return found;
}

const dated = (parameters) => mapped(parameters, (value) => (isDate(value) ? cql.Date.parse(value) : value));
const byParameters = (library, patient) => new PatientContext(library, {}, undefined, dated(patient.parameters), NOW);

const source = fhir.PatientSource.FHIRv401();

function byResources(library, patient) {
  source.reset();
  source.loadBundles([{ resourceType: "Bundle", entry: patient.resources.map((resource) => ({ resource })) }]);
  const { on, "answered by": by } = dated(patient.parameters);
  return new PatientContext(library, source.currentPatient(), undefined, { on, "answered by": by }, NOW);
}

function toKmp(value) {
  if (value === null) return null;
  if (Array.isArray(value)) return new kmp.List(KtList.fromJsArray(value.map(toKmp)));
  if (typeof value === "boolean") return new kmp.Boolean(value);
  if (typeof value === "number") return new kmp.Decimal(BigDecimal.fromDouble(value));
  return isDate(value) ? kmp.Date.fromDateString(value) : new kmp.String(value);
}

function fromKmp(value) {
  if (value === null || value === undefined) return null;
  return value instanceof kmp.List ? kmp.iterableToList(value.value).asJsReadonlyArrayView().map(fromKmp) : value.value;
}

function withKmp(manager, { patients, expressions }) {
  const caching = KtMutableSet.fromJsSet(new Set([kmp.CqlEngine.Options.EnableExpressionCaching]));
  return patients.map(({ parameters }) => {
    const engine = new kmp.CqlEngine(new kmp.Environment(manager), caching);
    const wanted = new kmp.EvaluationParams.LibraryParams.Builder();
    wanted.expressionsByName(expressions);
    const params = new kmp.EvaluationParams.Builder();
    params.libraryByName(asked.main, wanted.build());
    params.parameters = KtMap.fromJsMap(new Map(Object.entries(mapped(parameters, toKmp))));
    const found = engine.evaluate(params.build()).onlyResultOrThrow;
    return Object.fromEntries(expressions.map((name) => [name, fromKmp(found.getByName(name).value)]));
  });
}

const manager = managerOf(asked.libraries);
let elm, elmOnFhir;
const ENGINES = {
  "cql-execution": (run) => withCqlExecution(elm, run, byParameters),
  kmp: (run) => withKmp(manager, run),
  fhir: (run) => withCqlExecution(elmOnFhir, run, byResources),
};
[, answer.translation] = await timed(() => {
  elm = translated(asked.libraries, manager, answer.errors);
  if (asked.runs.some(({ engine }) => engine === "fhir")) {
    const onFhir = { ...asked.libraries, RuggespraakFindings: asked.fhirFindings };
    elmOnFhir = translated(onFhir, managerOf(onFhir), answer.errors);
  }
});
for (const run of answer.errors.length ? [] : asked.runs) {
  const [results, seconds] = await timed(() => ENGINES[run.engine](run));
  answer.runs.push({ seconds, results });
}
process.stdout.write(`\n${JSON.stringify(answer)}`);
