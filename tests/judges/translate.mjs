// CQL to ELM, with the translator of others and without Java; for the judges that run it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  CqlTranslator,
  LibraryManager,
  ModelManager,
  createLibrarySourceProvider,
  createModelInfoProvider,
  stringAsSource,
} from "@cqframework/cql/cql-to-elm";

const MODELS = {
  FHIR: createRequire(import.meta.url).resolve("cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml"),
  System: new URL("system-modelinfo.xml", import.meta.url),
};

/** Knows these libraries ({name: text}) and the models that they use. */
export function managerOf(libraries) {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(
    createModelInfoProvider((id) => (MODELS[id] ? stringAsSource(readFileSync(MODELS[id], "utf8")) : null)),
  );
  const manager = new LibraryManager(models);
  manager.librarySourceLoader.registerProvider(
    createLibrarySourceProvider((id) => (libraries[id] ? stringAsSource(libraries[id]) : null)),
  );
  return manager;
}

/** The ELM of each library, by its name; what is wrong in one is added to errors. */
export function translated(libraries, manager, errors) {
  return Object.fromEntries(
    Object.entries(libraries).map(([name, text]) => {
      const found = CqlTranslator.fromText(text, manager);
      for (const one of found.errors.asJsReadonlyArrayView()) errors.push(`${name}: ${one.message}`);
      return [name, JSON.parse(found.toJson())];
    }),
  );
}
