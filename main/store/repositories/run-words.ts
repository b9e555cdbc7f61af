import type { Database } from 'better-sqlite3';

/** Tags, notes, names and what is put away: what people say of their runs. */
export const runWordRepository = (database: Database) => {
  const addTag = database.prepare('INSERT INTO run_tags (run_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const removeTag = database.prepare('DELETE FROM run_tags WHERE run_id = ? AND tag = ?');
  const setNote = database.prepare('UPDATE runs SET note = ? WHERE id = ?');
  const setArchived = database.prepare('UPDATE runs SET archived_at = ? WHERE id = ?');
  const rename = database.prepare(
    `UPDATE configurations SET settings = json_set(settings, '$.name', @name)
      WHERE id = (SELECT configuration_id FROM runs WHERE id = @id)`,
  );
  const renameAdapter = database.prepare('UPDATE adapters SET name = @name WHERE run_id = @id');
  return {
    addTag: (runId: string, tag: string): void => void addTag.run(runId, tag),
    removeTag: (runId: string, tag: string): void => void removeTag.run(runId, tag),
    setNote: (runId: string, note: string): void => void setNote.run(note, runId),
    /** Null takes it out again. */
    setArchived: (runId: string, at: string | null): void => void setArchived.run(at, runId),
    /** The configuration's and the adapter's, too: they are called alike everywhere. */
    rename: (id: string, name: string): void => {
      rename.run({ id, name });
      renameAdapter.run({ id, name });
    },
  };
};
