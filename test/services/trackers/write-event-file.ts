import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventFile } from '../../../main/services/trackers/tensorboard/event-file.ts';
import { aRun } from './mlflow-scenario.ts';

/** Writes the event file of tensorboard.test.ts into a folder, for read-tensorboard.py. */
const [folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'events.out.tfevents.1'), eventFile(aRun()));
