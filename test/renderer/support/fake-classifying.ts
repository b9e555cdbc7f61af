import type { Dataset } from '../../../main/api/contract.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

interface FakeClassifyingOptions {
  readonly emit: EmitEvent;
  readonly datasets: () => readonly Dataset[];
  readonly stepMilliseconds: number;
}

/** A PNG of one pixel. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Models that see what a picture's name says of it, adapters the more so. What is called "torn" can't be read. A map has a heap for each class, closer
 * together for the base.
 */
export const createFakeClassifying = ({
  emit,
  datasets,
  stepMilliseconds,
}: FakeClassifyingOptions): WorkbenchMethods['classifying'] => {
  const stopped = new Set<string>();
  const ofData = () => {
    const dataset = datasets().find(({ format }) => format.kind === 'pictures');
    return dataset?.format.kind === 'pictures' ? { dataset, classes: dataset.format.classes ?? [] } : null;
  };
  return {
    defaults: ({ arms }) => {
      const known = arms.some((arm) => arm !== null) ? ofData() : null;
      if (known === null) return { dataset: null, classes: [], template: 'a photo of a {}.' };
      const { id, name } = known.dataset;
      return { dataset: { id, name }, classes: known.classes, template: '{} texture.' };
    },
    classify: async ({ arms, picture, classes }) => {
      await pause(stepMilliseconds);
      const name = 'path' in picture ? picture.path : picture.name;
      if (name.includes('torn'))
        throw new WorkbenchError('invalid-input', `${name}: breaks off or is damaged (JPEG); copy it again`);
      return {
        kind: 'classes' as const,
        ...{ width: 640, height: 480, seen: onePixel, seconds: 0.2 },
        notices: name.includes('turned') ? ['the file says that the camera was held another way'] : [],
        arms: arms.map((arm) => {
          const logits = classes.map((one): number => (name.includes(one) ? (arm === null ? 1 : 3) : 0));
          const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
          return { logits, probabilities: logits.map((logit) => Math.exp(logit) / total) };
        }),
      };
    },
    map: async ({ arms, datasetId, most, job = '' }) => {
      const dataset = datasets().find(({ id }) => id === datasetId);
      if (dataset?.format.kind !== 'pictures') throw new WorkbenchError('not-found', 'no such pictures');
      const classes = dataset.format.classes ?? [];
      const of = dataset.format.pictures.test ?? 0;
      const count = Math.min(of, most);
      for (const done of [0, count]) {
        emit({ name: 'classifying.progress', payload: { job, done, total: count } });
        await pause(stepMilliseconds);
        if (stopped.has(job)) throw new WorkbenchError('conflict', 'stopped before it was answered');
      }
      const pictures = Array.from({ length: count }, (_, at) => {
        const label = Math.floor((at * classes.length) / count);
        return { name: `test/${classes[label]!}/${at}.png`, label };
      });
      const pointsOf = (arm: number): number[] => {
        const random = createRandom(arm);
        return pictures.flatMap(({ label }) => {
          const angle = (2 * Math.PI * label) / classes.length;
          const apart = 0.15 + 0.2 * Math.min(arm, 2);
          return [Math.cos(angle), Math.sin(angle)].map((to) => apart * to + 0.08 * random.normal());
        });
      };
      return {
        kind: 'map' as const,
        ...{ classes, pictures, part: 'test' as const, of, width: 512, notices: [], seconds: 1 },
        arms: arms.map((_, arm) => ({
          own: { points: pointsOf(arm), explained: [0.31, 0.18] as [number, number] },
          shared: { points: pointsOf(arm), explained: [0.27, 0.14] as [number, number] },
        })),
      };
    },
    stop: ({ job }) => {
      stopped.add(job);
      return {};
    },
    release: () => ({}),
  };
};
