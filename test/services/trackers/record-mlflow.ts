import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scenario } from './mlflow-scenario.ts';
import { recording, withRealMlflow, withServer } from './mlflow-server.ts';

/**
 * Writes fixtures/mlflow-exchanges.json, which mlflow.test.ts holds the client to: what a real server was asked and answered.
 * node test/services/trackers/record-mlflow.ts --mlflow PATH
 */
const { values } = parseArgs({ options: { mlflow: { type: 'string', default: 'mlflow' } } });
await withRealMlflow(values.mlflow, 5983, async (target) => {
  const { record, answer } = recording(target);
  const sent = await withServer(answer, scenario);
  writeFileSync(
    join(import.meta.dirname, 'fixtures/mlflow-exchanges.json'),
    `${JSON.stringify(record, null, 1)}\n`,
  );
  console.log(`${record.length} exchanges`, sent);
});
