// The CQL peer of ten_inputs.py: translates ten_inputs.cql to ELM, then decides cases with cql-execution. Logic only:
// the parameters carry the answers, no FHIR data source is opened.
//
//   node cql.mjs CASES.jsonl
//
// Each line on standard input is a number of decisions to make (the cases in turn, again from the first when they run
// out); each line on standard output is {"seconds": …, "decided": [[red_flag, indicated, audit], …]}.
//
// The quickest public way in was taken: exec_expression of one tuple with the moment of execution given. Executor.exec
// in the Unfiltered context gives the same answers two to three times slower: it caches neither false nor null.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { SystemModelInfoProvider } from "@cqframework/cql/cql";
import { CqlTranslator, LibraryManager, ModelManager } from "@cqframework/cql/cql-to-elm";
import cql from "cql-execution";

function translate(source) {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  const elm = JSON.parse(CqlTranslator.fromText(source, new LibraryManager(models)).toJson());
  const errors = elm.library.annotation.filter((note) => note.errorSeverity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.message).join("; "));
  return elm;
}

function onePatient() {
  const patients = [{ getId: () => "patient" }];
  return { currentPatient: () => patients.pop(), nextPatient: () => patients.pop() };
}

const rule = readFileSync(new URL("ten_inputs.cql", import.meta.url), "utf8");
const executor = new cql.Executor(new cql.Library(translate(rule)), new cql.CodeService({}));
const now = cql.DateTime.fromJSDate(new Date(), 0);
const cases = readFileSync(process.argv[2], "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));

for await (const line of createInterface({ input: process.stdin })) {
  const decided = [];
  const start = performance.now();
  for (let i = 0; i < Number(line); i++) {
    const results = await executor.withParameters(cases[i % cases.length]).exec_expression("outputs", onePatient(), now);
    const { red_flag, indicated, audit } = results.patientResults.patient.outputs;
    decided.push([red_flag, indicated, audit]);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, decided }));
}
