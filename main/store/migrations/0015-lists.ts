/** Lists are read a page at a time, newest first. */
export const lists = /* sql */ `
CREATE INDEX experiments_created ON experiments (created_at);
CREATE INDEX comparisons_created ON comparisons (created_at);
CREATE INDEX adapters_created ON adapters (created_at);
CREATE INDEX exports_created ON exports (created_at);
CREATE INDEX run_summary_name ON run_summary (name, value);
`;
