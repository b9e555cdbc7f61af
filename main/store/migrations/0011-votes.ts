/** Judgements of two answers to one prompt, made without knowing whose they were. A null adapter is the model itself. */
export const votes = /* sql */ `
CREATE TABLE votes (
  id TEXT PRIMARY KEY,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  left_adapter_id TEXT,
  right_adapter_id TEXT,
  left_name TEXT NOT NULL,
  right_name TEXT NOT NULL,
  choice TEXT NOT NULL,
  left_answer TEXT NOT NULL,
  right_answer TEXT NOT NULL,
  prompt TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX votes_of_model ON votes (model_id);
`;
