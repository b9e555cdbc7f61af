/** What was found on looking into the adapters of a comparison, which decides nothing. There from when it is asked for. */
export const comparisonDiagnoses = /* sql */ `
CREATE TABLE comparison_diagnoses (
  comparison_id TEXT PRIMARY KEY REFERENCES comparisons (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  error TEXT,
  found TEXT,
  created_at TEXT NOT NULL,
  ended_at TEXT
) STRICT, WITHOUT ROWID;
`;
