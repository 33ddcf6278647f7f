/* The fourth judge looks at what the others pass over: codes against the CodeSystems and ValueSets that HL7 publishes
   with R4, units against UCUM, what kind of resource a reference may point to, and days that no calendar has. */
import ucum from "@lhncbc/ucum-lhc";
import { parts, terminology } from "./definitions.mjs";

const UCUM = "http://unitsofmeasure.org";
const units = ucum.UcumLhcUtils.getInstance();
const valueSets = new Map(terminology.filter((it) => it.resourceType === "ValueSet").map((it) => [it.url, it]));
const codes = new Map(); // system -> its codes, of each system that is here whole
terminology.forEach(learned);

function learned({ resourceType, url, content, concept = [] }) {
  if (resourceType === "CodeSystem" && content === "complete") codes.set(url, new Set(every(concept)));
}

function* every(concepts) {
  for (const { code, concept = [] } of concepts) {
    yield code;
    yield* every(concept);
  }
}

/** A CodeSystem that is judged counts for all that is judged after it. */
export function* details(resource) {
  learned(resource);
  for (const { node, at, type, defined } of parts(resource)) {
    const [element] = defined;
    if (type === "Coding" && codes.get(node.system)?.has(node.code) === false)
      yield { path: at, says: `${node.code} is no code of ${node.system}` };
    if (node.system === UCUM && node.code && units.validateUnitString(node.code).status !== "valid")
      yield { path: at, says: `${node.code} is no unit of UCUM` };
    if (element?.binding?.strength === "required") yield* bound(node, at, type, element.binding.valueSet);
    if (["date", "dateTime", "instant"].includes(type) && !inCalendar(node))
      yield { path: at, says: `${node} is no day of the calendar` };
    if (type === "Reference" && element) yield* pointed(node, at, element);
  }
}

/** A year or a month alone passes; so does what has not the form of a date: the schema says so. */
function inCalendar(date) {
  const [day] = `${date}`.match(/^\d{4}-\d\d-\d\d/) ?? [];
  const real = day && new Date(`${day}T00:00:00Z`);
  return !day || (!Number.isNaN(+real) && real.toISOString().startsWith(day));
}

function* bound(node, at, type, valueSet) {
  const codings = { Coding: [node], CodeableConcept: node.coding ?? [] }[type];
  if (codings?.every((coding) => within(valueSet, coding) === false))
    yield { path: at, says: `none of its codes is in ${valueSet}, which is required` };
}

/** Whether a code is in a value set; undefined where what is here does not tell. */
function within(valueSet, coding) {
  const { include = [], exclude } = valueSets.get(valueSet?.split("|")[0])?.compose ?? {};
  if (!include.length || exclude) return undefined;
  return any(include.map((one) => included(one, coding)));
}

function included({ system, concept, filter, valueSet }, coding) {
  if (valueSet) return system || valueSet.length > 1 ? undefined : within(valueSet[0], coding);
  if (system !== coding.system) return false;
  if (concept) return concept.some(({ code }) => code === coding.code);
  return filter ? undefined : codes.get(system)?.has(coding.code);
}

const any = (answers) => (answers.includes(true) ? true : answers.includes(undefined) ? undefined : false);

function* pointed({ type, reference = "" }, at, element) {
  const kind = type ?? reference.match(/(?:^|\/)([A-Z]\w+)\/[^/]+(?:\/_history\/[^/]+)?$/)?.[1];
  const { targetProfile = [] } = element.type.find(({ code }) => code === "Reference");
  const allowed = targetProfile.map((profile) => profile.split("/").at(-1));
  if (kind && allowed.length && !allowed.includes("Resource") && !allowed.includes(kind))
    yield { path: at, says: `a reference to ${kind}: allowed are ${allowed.join(", ")}` };
}
