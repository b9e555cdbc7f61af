import { openWorkbench } from '../../../main/api/open-workbench.ts';
import type { Envelope } from '../../../main/api/contract.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';

export type Question = readonly [method: string, params: unknown];

/** Asks a data directory's workbench, one question after the other, as any client would. */
export const askAll = async (
  dataDirectory: string,
  questions: readonly Question[],
): Promise<Envelope<unknown>[]> => {
  const { workbench, router } = openWorkbench({
    dataDirectory,
    sampleDirectory: join(root, 'main/sample'),
    version: '0.0.0',
    spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
  });
  try {
    const answers: Envelope<unknown>[] = [];
    for (const [method, params] of questions) answers.push(await router.call(method, params));
    return answers;
  } finally {
    await workbench.close();
  }
};

// As a program: the data directory and the questions, as JSON. Prints the answers.
if (process.argv[1] === import.meta.filename) {
  const [dataDirectory = '', questions = '[]'] = process.argv.slice(2);
  const answers = await askAll(dataDirectory, JSON.parse(questions) as Question[]);
  process.stdout.write(JSON.stringify(answers));
}
