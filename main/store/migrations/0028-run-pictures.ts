/** What runs draw while they train: files in their folders, or why there is none. */
export const runPictures = /* sql */ `
CREATE TABLE run_pictures (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  position INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  seed INTEGER NOT NULL,
  file TEXT,
  sha256 TEXT,
  problem TEXT,
  PRIMARY KEY (run_id, step, position)
) STRICT, WITHOUT ROWID;
`;
