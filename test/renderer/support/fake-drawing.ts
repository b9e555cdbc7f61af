import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

/** A PNG of one pixel. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A model that draws one pixel, whatever it is asked. */
export const createFakeDrawing = ({
  emit,
  stepMilliseconds,
}: {
  readonly emit: EmitEvent;
  readonly stepMilliseconds: number;
}): WorkbenchMethods['drawing'] => {
  const stopped = new Set<string>();
  return {
    draw: async ({ arms, wanted, settings, job = '' }) => {
      const total = arms.length * wanted.length * (settings.steps + 1);
      for (const done of [1, total]) {
        emit({ name: 'drawing.progress', payload: { job, done, total } });
        await pause(stepMilliseconds);
        if (stopped.has(job)) throw new WorkbenchError('conflict', 'stopped before it was drawn');
      }
      return {
        ...{ width: settings.width ?? 512, height: settings.height ?? 512, seconds: 1 },
        pictures: arms.map(() => wanted.map(() => onePixel)),
        sheet: arms.length * wanted.length > 1 ? onePixel : null,
        notices: [],
      };
    },
    stop: ({ job }) => {
      stopped.add(job);
      return {};
    },
    release: () => ({}),
  };
};
