/** How many bytes of what a run's trainer wrote down of its events are in the other tables. */
export const runEvents = /* sql */ `
ALTER TABLE runs ADD COLUMN events_read INTEGER NOT NULL DEFAULT 0;
`;
