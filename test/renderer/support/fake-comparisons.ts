import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';

const noSuch = (): never => {
  throw new WorkbenchError('not-found', 'there are no comparisons in this window');
};

/** A workbench without comparisons. */
export const fakeComparisons = (): WorkbenchMethods['comparisons'] => ({
  list: () => [],
  show: noSuch,
  templates: () => [],
  fromTemplate: noSuch,
  design: noSuch,
  create: noSuch,
  start: noSuch,
  pause: noSuch,
  cancel: noSuch,
  remove: noSuch,
  answer: noSuch,
  items: noSuch,
  report: noSuch,
});
