/**
 * Pairs of pictures that are judged without knowing whose they are. Which stands left was drawn when the test was made, in `pairs`, and a pair has
 * one judgement.
 */
export const blindTests = /* sql */ `
CREATE TABLE blind_tests (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  arms TEXT NOT NULL,
  pairs TEXT NOT NULL,
  left_out INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  ended_at TEXT
) STRICT;
CREATE TABLE blind_votes (
  test_id TEXT NOT NULL REFERENCES blind_tests (id) ON DELETE CASCADE,
  pair INTEGER NOT NULL,
  choice TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (test_id, pair)
) STRICT, WITHOUT ROWID;
`;
