/** Whether the queue is paused: one row. Not with the lock, which belongs to a process; this outlives all of them. */
export const queue = /* sql */ `
CREATE TABLE queue (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  paused_at TEXT,
  and_running INTEGER NOT NULL
) STRICT;
INSERT INTO queue VALUES (1, NULL, 0);
`;
