import type { Database } from 'better-sqlite3';

/** Tags, notes, names and what is put away: what people say of their runs. */
export const runWordRepository = (database: Database) => {
  const addTag = database.prepare('INSERT INTO run_tags (run_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const removeTag = database.prepare('DELETE FROM run_tags WHERE run_id = ? AND tag = ?');
  const setNote = database.prepare('UPDATE runs SET note = ? WHERE id = ?');
  const setArchived = database.prepare(
    'UPDATE runs SET archived_at = @at WHERE id = @id AND (archived_at IS NULL) != (@at IS NULL)',
  );
  const rename = database.prepare(
    `UPDATE configurations SET settings = json_set(settings, '$.name', @name)
      WHERE id = (SELECT configuration_id FROM runs WHERE id = @id)`,
  );
  const renameAdapter = database.prepare('UPDATE adapters SET name = @name WHERE run_id = @id');
  return {
    /** Whether it was not there before. */
    addTag: (runId: string, tag: string): boolean => addTag.run(runId, tag).changes > 0,
    /** Whether it was there before. */
    removeTag: (runId: string, tag: string): boolean => removeTag.run(runId, tag).changes > 0,
    /** Of these runs, or of all; the most used first. */
    countTags: (runIds?: readonly string[]): { tag: string; runs: number }[] =>
      database
        .prepare(
          `SELECT tag, count(*) AS runs FROM run_tags JOIN runs ON runs.id = run_id
            WHERE runs.removal IS NULL AND (@ids IS NULL OR run_id IN (SELECT value FROM json_each(@ids)))
            GROUP BY tag ORDER BY runs DESC, tag`,
        )
        .all({ ids: runIds === undefined ? null : JSON.stringify(runIds) }) as {
        tag: string;
        runs: number;
      }[],
    setNote: (runId: string, note: string): void => void setNote.run(note, runId),
    /** Null takes it out again. Gives whether that is a change. */
    setArchived: (id: string, at: string | null): boolean => setArchived.run({ id, at }).changes > 0,
    /** The configuration's and the adapter's, too: they are called alike everywhere. */
    rename: (id: string, name: string): void => {
      rename.run({ id, name });
      renameAdapter.run({ id, name });
    },
  };
};
