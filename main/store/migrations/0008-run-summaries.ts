/**
 * What a run keeps in the end becomes rows by the names of the metrics, so that a new metric needs no new column. The numbers of runs from
 * before come along.
 */
const names: readonly (readonly [path: string, name: string])[] = [
  ['$.trainedParameters', 'run/trained_parameters'],
  ['$.totalParameters', 'run/total_parameters'],
  ['$.steps', 'run/steps'],
  ['$.secondsPerStep', 'train/step_seconds'],
  ['$.tokensPerSecond', 'train/tokens_per_second'],
  ['$.initialisationSeconds', 'run/initialisation_seconds'],
  ['$.totalSeconds', 'run/total_seconds'],
  ['$.peakMemoryBytes', 'run/peak_memory_bytes'],
  ['$.validationLossBefore', 'validation/loss/before'],
  ['$.validationLossAfter', 'validation/loss'],
  ['$.validationAccuracyBefore', 'validation/accuracy/before'],
  ['$.validationAccuracyAfter', 'validation/accuracy'],
  ['$.evaluations.count', 'run/evaluations'],
  ['$.evaluations.best.step', 'run/best_step'],
  ['$.evaluations.last.loss', 'validation/loss/last'],
  ['$.evaluations.best.loss', 'validation/loss/best'],
  ['$.evaluations.last.accuracy', 'validation/accuracy/last'],
  ['$.evaluations.best.accuracy', 'validation/accuracy/best'],
];

export const runSummaries = /* sql */ `
CREATE TABLE run_summary (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO run_summary (run_id, name, value)
  SELECT runs.id, names.column2, json_extract(runs.summary, names.column1)
  FROM runs JOIN (VALUES ${names.map(([path, name]) => `('${path}', '${name}')`).join(', ')}) AS names
  WHERE json_type(runs.summary, names.column1) IN ('integer', 'real');
INSERT INTO run_summary (run_id, name, value)
  SELECT id, 'run/kept_step', json_extract(summary, '$.evaluations.best.step')
  FROM runs WHERE json_extract(summary, '$.evaluations.saved') = 'best';
ALTER TABLE runs DROP COLUMN summary;
`;
