/* The authorization server of somebody else's practice, for the tests of a SMART App Launch 2: oauth2-mock-server,
   made strict. The mock checks a PKCE verifier when there is one; here a launch without S256, state, the right aud or a
   known launch is refused, and a code belongs to one client, one redirect address and one use. */
import { randomBytes, randomUUID } from "node:crypto";
import { OAuth2Server } from "oauth2-mock-server";
import { proven } from "./client_assertion.mjs";

/** Starts the server. It writes the tokens that it gives into `grants`: token -> {scope, patient}.
    An app of which a key is registered (`registered`: client_id -> jwks) proves with it who it is; another need not. */
export async function smartServer({ grants, launches, registered, switches, fhirBase }) {
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
  server.issuer.url = `http://127.0.0.1:${server.address().port}`;
  const codes = new Map();
  const practice = { grants, launches, registered, switches, codes, fhir: fhirBase, issuer: server.issuer.url };

  server.service.on("beforeAuthorizeRedirect", ({ url }, { query }) => authorize(practice, url, query));
  server.service.on("beforeTokenSigning", ({ payload }, { body }) => {
    payload.jti = randomUUID(); // two tokens of one second differ
    const scopes = codes.get(body.code)?.scope.split(" ") ?? [];
    if (payload.aud && scopes.includes("fhirUser")) payload.fhirUser = `${fhirBase()}/Practitioner/1`;
  });
  server.service.on("beforeResponse", (response, { body }) => giveToken(practice, response, body));
  return { issuer: server.issuer.url, configuration: configuration(server.issuer.url) };
}

function configuration(issuer) {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ["authorization_code"],
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["ES384", "RS384"],
    scopes_supported: ["openid", "fhirUser", "launch", "launch/patient", "patient/*.rs", "patient/*.cruds"],
    capabilities: [
      "launch-ehr", "launch-standalone", "client-public", "client-confidential-asymmetric", "sso-openid-connect",
      "context-ehr-patient", "context-standalone-patient", "permission-patient", "permission-v2",
    ],
  };
}

/** Sends the user back with a code, or with what was wrong with the request. */
function authorize({ launches, switches, codes, fhir }, url, query) {
  const refused = switches.denied ? "access_denied: the user said no" : wrongWith(query, launches, fhir());
  if (refused) {
    const [error, description] = refused.split(": ");
    url.searchParams.delete("code");
    url.searchParams.set("error", error);
    url.searchParams.set("error_description", description);
  } else {
    const { client_id, redirect_uri, scope, launch } = query;
    const patient = launch ? launches.get(launch) : scope.includes("launch/patient") ? switches.patient : undefined;
    codes.set(url.searchParams.get("code"), { client_id, redirect_uri, scope: switches.scope ?? scope, patient });
  }
  if (switches.wrong_state) url.searchParams.set("state", randomBytes(16).toString("hex"));
}

function wrongWith(query, launches, fhir) {
  const { response_type, client_id, scope, state, aud, launch, code_challenge, code_challenge_method } = query;
  if (response_type !== "code") return "unsupported_response_type: code is what is given";
  if (!client_id) return "invalid_request: client_id is missing";
  if (!state) return "invalid_request: state is missing";
  if (!scope) return "invalid_scope: scope is missing";
  if (aud !== fhir) return "invalid_request: aud is not this server";
  if (!code_challenge || code_challenge_method !== "S256") return "invalid_request: PKCE with S256 is needed";
  if (scope.split(" ").includes("launch") !== Boolean(launch)) return "invalid_scope: launch and its scope go together";
  if (launch && !launches.has(launch)) return "invalid_request: this launch is not known";
}

/** The token response of SMART: the mock's, with patient and scope, or an error. */
function giveToken(practice, response, form) {
  const { grants, switches, codes } = practice;
  const given = codes.get(form.code);
  codes.delete(form.code);
  const error = switches.token_error ?? wrongWithForm(practice, given, form);
  if (error) {
    Object.assign(response, { statusCode: 400, body: { error } });
    return;
  }
  const { access_token, token_type, expires_in, id_token } = response.body;
  const { scope } = given;
  const patient = switches.no_patient ? undefined : given.patient;
  grants.set(access_token, { scope, patient });
  response.body = { access_token, token_type, expires_in, scope, patient };
  if (scope.split(" ").includes("openid")) response.body.id_token = id_token;
}

function wrongWithForm({ registered, issuer }, given, form) {
  if (form.grant_type !== "authorization_code") return "unsupported_grant_type";
  const proof = proven(form, registered, `${issuer}/token`);
  const client = proof ?? (registered.has(form.client_id) ? undefined : form.client_id);
  if (!client) return "invalid_client";
  const own = given?.client_id === client && given.redirect_uri === form.redirect_uri;
  return own && form.code_verifier ? undefined : "invalid_grant";
}
