import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelLimits, surveyLimits, type JobLimits } from '../../../main/services/trainer-jobs/job-limits.ts';
import { askTrainer } from '../../../main/services/trainer-jobs/trainer-question.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';

/** Real processes, in which a survey does what its file's name says. */
const spawn = spawnChildTrainer(join(import.meta.dirname, '../../trainer/scripted-entry.ts'));

const survey = (trainFile: string, limits?: JobLimits): Promise<unknown> =>
  askTrainer(
    spawn,
    {
      type: 'survey',
      question: {
        kind: 'duplicates',
        dataset: {
          ...{ trainFile, validationFile: null, validationFraction: 0.5 },
          format: { kind: 'text', column: 'text' },
        },
        seed: 0,
      },
    },
    'surveyed',
    limits === undefined ? {} : { limits },
  );

describe('a job is ended, by the name of what it took, where it', () => {
  const small: JobLimits = { heapMegabytes: 100, memoryMegabytes: 400, silentSeconds: 60 };

  test.each([
    ['/heap', /^survey: took more than 100 MB of memory for objects and texts and was ended; /],
    ['/buffers', /^survey: took more than 400 MB of memory and was ended; /],
    ['/die', /^the trainer process ended unexpectedly \(signal SIGABRT\)/],
  ])('does as %s', async (file, message) => {
    await expect(survey(file, small)).rejects.toThrow(message);
  });

  test('comes no further', async () => {
    await expect(survey('/hang', { silentSeconds: 2 })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'survey: came no further for 2 s and was ended',
    });
  });
});

test('what is in order is not ended, and a machine has more than a job may take', async () => {
  await expect(survey('/any', surveyLimits)).rejects.toThrow('no data is read here');
  expect(modelLimits.memoryMegabytes).toBeGreaterThan(100);
});
