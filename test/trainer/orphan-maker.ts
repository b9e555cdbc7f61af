import { join } from 'node:path';
import type { TrainerCommand } from '../../main/trainer/protocol/protocol.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';

/** A parent that starts a trainer with the command it is sent, says when that works, and is then killed by the test. */
process.on('message', (command: TrainerCommand) => {
  const trainer = spawnChildTrainer(join(import.meta.dirname, 'scripted-entry.ts'))();
  trainer.onEvent(() => process.send?.('working'));
  trainer.send(command);
});
