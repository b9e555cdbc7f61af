/** What runs write while they train, and of a run that goes on from another, from where. */
export const runSamples = /* sql */ `
CREATE TABLE run_samples (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  position INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  expected TEXT,
  text TEXT NOT NULL,
  finish TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (run_id, step, position)
) STRICT, WITHOUT ROWID;
ALTER TABLE runs ADD COLUMN origin TEXT;
`;
