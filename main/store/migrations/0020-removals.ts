/**
 * What is removed is out of every list at once, and stays until it can no longer be brought back. To bring it back is to forget the removal;
 * one that is being completed has begun to lose its files.
 */
export const removals = /* sql */ `
CREATE TABLE removals (
  id TEXT PRIMARY KEY,
  until TEXT NOT NULL,
  is_completing INTEGER NOT NULL DEFAULT 0
) STRICT;
ALTER TABLE experiments ADD COLUMN removal TEXT REFERENCES removals (id) ON DELETE SET NULL;
ALTER TABLE runs ADD COLUMN removal TEXT REFERENCES removals (id) ON DELETE SET NULL;
CREATE INDEX experiments_removal ON experiments (removal) WHERE removal IS NOT NULL;
CREATE INDEX runs_removal ON runs (removal) WHERE removal IS NOT NULL;
`;
