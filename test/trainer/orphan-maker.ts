import { join } from 'node:path';
import type { TrainerCommand } from '../../main/trainer/protocol/protocol.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';

/**
 * A parent that starts a trainer for each command it is sent, says when that works, and is then killed by the test. What reads has limits, as the
 * workbench gives it, and answers a first question to say which process it is.
 */
process.on('message', (command: TrainerCommand) => {
  const isReader = command.type === 'read';
  const limits = isReader ? { heapMegabytes: 100, memoryMegabytes: 400 } : {};
  const trainer = spawnChildTrainer(join(import.meta.dirname, 'scripted-entry.ts'))(limits);
  trainer.onEvent((event) => process.send?.(event));
  if (isReader)
    trainer.send({ type: 'read', question: { kind: 'model-files', directory: '/any', known: [] } });
  trainer.send(command);
});
