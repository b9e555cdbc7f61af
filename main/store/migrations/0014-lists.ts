/** Lists are read a page at a time, newest first; an experiment that is being removed is kept for as long as that can be undone. */
export const lists = /* sql */ `
ALTER TABLE experiments ADD COLUMN removal_due TEXT;
CREATE INDEX experiments_created ON experiments (created_at);
CREATE INDEX experiments_removal ON experiments (removal_due) WHERE removal_due IS NOT NULL;
CREATE INDEX comparisons_created ON comparisons (created_at);
CREATE INDEX adapters_created ON adapters (created_at);
CREATE INDEX exports_created ON exports (created_at);
CREATE INDEX run_summary_name ON run_summary (name, value);
`;
