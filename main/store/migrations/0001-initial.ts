/** Times are ISO 8601 text, JSON is text, flags are 0 or 1. Paths inside the data directory are kept relative to it. */
export const initial = /* sql */ `
CREATE TABLE models (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  directory TEXT NOT NULL,
  architecture TEXT NOT NULL,
  parameters INTEGER NOT NULL,
  dtype TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  layers INTEGER NOT NULL,
  hidden_size INTEGER NOT NULL,
  vocabulary_size INTEGER NOT NULL,
  maximum_positions INTEGER NOT NULL,
  target_modules TEXT NOT NULL,
  has_chat_template INTEGER NOT NULL,
  built_in INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  train_file TEXT NOT NULL,
  validation_file TEXT,
  train_sha256 TEXT NOT NULL,
  validation_sha256 TEXT,
  format TEXT NOT NULL,
  columns TEXT NOT NULL,
  train_rows INTEGER NOT NULL,
  validation_rows INTEGER,
  bytes INTEGER NOT NULL,
  built_in INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE experiments (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE RESTRICT,
  dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE RESTRICT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX experiments_model ON experiments (model_id);
CREATE INDEX experiments_dataset ON experiments (dataset_id);

CREATE TABLE configurations (
  id TEXT PRIMARY KEY,
  experiment_id TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  settings TEXT NOT NULL,
  UNIQUE (experiment_id, position)
) STRICT;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  configuration_id TEXT NOT NULL REFERENCES configurations (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  queue_position INTEGER,
  step INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL,
  summary TEXT,
  error TEXT,
  notices TEXT NOT NULL DEFAULT '[]',
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  CHECK ((status = 'queued') = (queue_position IS NOT NULL))
) STRICT;
CREATE INDEX runs_configuration ON runs (configuration_id);
CREATE INDEX runs_status ON runs (status);

CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  directory TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE adapters (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  directory TEXT NOT NULL,
  trained_parameters INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE exports (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  destination TEXT NOT NULL,
  status TEXT NOT NULL,
  summary TEXT,
  error TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX exports_run ON exports (run_id);
`;
