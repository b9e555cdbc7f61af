/**
 * A comparison is made of experiments, whose runs it knows by what they are for. What is asked in an item stands once, beside what every subject
 * made of it.
 */
export const comparisons = /* sql */ `
CREATE TABLE comparisons (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  design TEXT NOT NULL,
  accepted TEXT NOT NULL,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE RESTRICT,
  dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE RESTRICT,
  status TEXT NOT NULL,
  error TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) STRICT;
CREATE INDEX comparisons_model ON comparisons (model_id);
CREATE INDEX comparisons_dataset ON comparisons (dataset_id);

CREATE TABLE comparison_runs (
  run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  comparison_id TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  arm TEXT NOT NULL,
  seed INTEGER NOT NULL,
  trial INTEGER,
  round INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX comparison_runs_comparison ON comparison_runs (comparison_id);

CREATE TABLE comparison_tasks (
  comparison_id TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  sha256 TEXT,
  facts TEXT,
  PRIMARY KEY (comparison_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessments (
  id TEXT PRIMARY KEY,
  comparison_id TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  run_id TEXT REFERENCES runs (id) ON DELETE CASCADE,
  task TEXT NOT NULL,
  status TEXT NOT NULL,
  error TEXT,
  scores TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL,
  ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX assessments_subject ON assessments (comparison_id, task, coalesce(run_id, ''));
CREATE INDEX assessments_run ON assessments (run_id);

CREATE TABLE task_items (
  comparison_id TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  task TEXT NOT NULL,
  item INTEGER NOT NULL,
  prompt TEXT,
  expected TEXT,
  weight REAL NOT NULL,
  PRIMARY KEY (comparison_id, task, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE item_results (
  assessment_id TEXT NOT NULL REFERENCES assessments (id) ON DELETE CASCADE,
  item INTEGER NOT NULL,
  answer TEXT,
  scores TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (assessment_id, item)
) STRICT, WITHOUT ROWID;
`;
