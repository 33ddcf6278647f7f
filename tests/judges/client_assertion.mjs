/* Who an app proves to be at the token endpoint (SMART's asymmetric authentication): verified with node's own crypto,
   which shares no line with the library that signed. */
import { createPublicKey, verify } from "node:crypto";

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LONGEST = 300; // seconds
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url"));
const used = new Set(); // each statement counts once

/** The client_id that the form proves with one of these keys ({client_id: jwks}); undefined where it proves none. */
export function proven({ client_assertion_type, client_assertion = "" }, registered, tokenEndpoint) {
  const [header, payload, signature] = client_assertion.split(".");
  if (client_assertion_type !== TYPE || !signature) return undefined;
  const [{ kid, alg }, { iss, sub, aud, exp, jti }] = [decoded(header), decoded(payload)];
  const jwk = registered.get(iss)?.keys.find((key) => key.kid === kid && key.alg === alg);
  const now = Date.now() / 1000;
  const claims = iss === sub && aud === tokenEndpoint && exp > now && exp <= now + LONGEST && jti && !used.has(jti);
  if (!jwk || !["ES384", "RS384"].includes(alg) || !claims) return undefined;
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify("sha384", signed, key, Buffer.from(signature, "base64url"))) return undefined;
  used.add(jti);
  return iss;
}
