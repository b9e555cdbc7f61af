/** What a comparison answered, with what it was worked out from: it takes seconds, and follows from what is stored. */
export const comparisonAnswers = /* sql */ `
CREATE TABLE comparison_answers (
  comparison_id TEXT PRIMARY KEY REFERENCES comparisons (id) ON DELETE CASCADE,
  results_key TEXT NOT NULL,
  data_key TEXT NOT NULL,
  sentence TEXT NOT NULL,
  answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
