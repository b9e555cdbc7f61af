/** Ways to look at the table of runs that people have given a name. */
export const runViews = /* sql */ `
CREATE TABLE run_views (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
`;
