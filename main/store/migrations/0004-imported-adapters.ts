/**
 * An adapter is a run's, or was imported for a model: then its settings and the folder it came from are kept with it. An export is of an
 * adapter. The new tables take the old ones' names last, so that nothing that is dropped is referred to.
 */
export const importedAdapters = /* sql */ `
CREATE TABLE next_adapters (
  id TEXT PRIMARY KEY,
  run_id TEXT UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
  model_id TEXT REFERENCES models (id) ON DELETE RESTRICT,
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  settings TEXT,
  directory TEXT NOT NULL,
  source TEXT,
  trained_parameters INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CHECK ((run_id IS NULL) = (model_id IS NOT NULL) AND (run_id IS NULL) = (settings IS NOT NULL))
) STRICT;
INSERT INTO next_adapters (id, run_id, name, method, directory, trained_parameters, created_at)
  SELECT id, run_id, name, method, directory, trained_parameters, created_at FROM adapters ORDER BY rowid;

CREATE TABLE next_exports (
  id TEXT PRIMARY KEY,
  adapter_id TEXT NOT NULL REFERENCES next_adapters (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  destination TEXT NOT NULL,
  status TEXT NOT NULL,
  summary TEXT,
  error TEXT,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO next_exports
  SELECT exports.id, adapters.id, kind, destination, status, summary, error, exports.created_at
  FROM exports JOIN adapters ON adapters.run_id = exports.run_id ORDER BY exports.rowid;

DROP TABLE exports;
DROP TABLE adapters;
ALTER TABLE next_adapters RENAME TO adapters;
ALTER TABLE next_exports RENAME TO exports;
CREATE INDEX adapters_model ON adapters (model_id);
CREATE INDEX exports_adapter ON exports (adapter_id);
`;
