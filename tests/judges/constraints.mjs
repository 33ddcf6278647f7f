/* The third judge, fhirpath.js: every constraint of severity "error" of every part of the resource, as the
   StructureDefinitions of R4 have them (que-2, ref-1, ...), evaluated anew. */
import fhirpath from "fhirpath";
import r4 from "fhirpath/fhir-context/r4/index.js";
import { parts } from "./definitions.mjs";

const LEFT_OUT = [
  "ctm-1", // asks a server who is referred to
  "eld-16", "eld-19", // their regular expressions are none in JavaScript; only of StructureDefinitions
];
const MEANT = {
  "dom-3": (it) => it.replaceAll("as(", "ofType("), // as() of several things is an error
  "que-7": (it) => it.replace("is Boolean", "is boolean"), // of FHIR, not of FHIRPath
  "que-12": (it) => it.replace("> 2", "> 1"), // as its words say; as published it lets two conditions pass
  "ref-1": (it) => `reference.exists() implies (${it})`, // else a reference by identifier alone gives nothing
};
const compiled = new Map();

export function* constraints(resource) {
  for (const { node, at, base, defined, resource: own, root } of parts(resource)) {
    const variables = { resource: own, rootResource: root };
    for (const { key, expression, human } of applying(defined, node))
      if (!holds(node, base, MEANT[key]?.(expression) ?? expression, variables))
        yield { path: at, says: `${key}: ${human}` };
  }
}

function applying(defined, node) {
  const all = new Map(defined.flatMap(({ constraint }) => constraint ?? []).map((one) => [one.key, one]));
  for (const key of LEFT_OUT) all.delete(key);
  if (typeof node !== "object") all.delete("ele-1"); // the schema refuses what is empty
  return [...all.values()].filter(({ severity, expression }) => severity === "error" && expression);
}

function holds(node, base, expression, variables) {
  const name = `${base} ${expression}`;
  if (!compiled.has(name)) {
    compiled.set(name, fhirpath.compile({ base, expression }, r4, { traceFn: () => {} }));
  }
  const [answer] = compiled.get(name)(node, variables);
  return answer === true;
}
