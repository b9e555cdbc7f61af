import { WorkbenchError } from '../../engine/errors.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';

const notYet = (): never => {
  throw new WorkbenchError('unsupported', 'comparisons are not there yet');
};

export const createComparisonsService = () =>
  ({
    list: () => [],
    show: notYet,
    templates: () => [],
    fromTemplate: notYet,
    design: notYet,
    create: notYet,
    start: notYet,
    pause: notYet,
    cancel: notYet,
    remove: notYet,
    answer: notYet,
    items: notYet,
    report: notYet,
  }) satisfies WorkbenchMethods['comparisons'];
