import type { ObjectiveName } from '../objective-names.ts';
import { derivations } from './metric.ts';
import { metricRegistry } from './registry.ts';
import { atMoment, summaryMoments } from './summary.ts';

/**
 * Values by name, and those that follow from them: of an evaluation or of a whole summary. Done once, where they are measured, so that what
 * is stored and shown is the same everywhere. A result that is no number any more (of a huge loss) is left out.
 */
export const withDerived = <Values extends Readonly<Record<string, number>>>(
  values: Values,
  objective: ObjectiveName,
): Values => {
  const derived: Record<string, number> = {};
  const places = [
    (name: string) => name,
    ...summaryMoments.map((moment) => (name: string) => atMoment(name, moment)),
  ];
  for (const { name, from } of metricRegistry) {
    if (from === undefined || !from.objectives.includes(objective)) continue;
    for (const at of places) {
      const source = values[at(from.metric)];
      const result = source === undefined ? NaN : derivations[from.by](source);
      if (Number.isFinite(result)) derived[at(name)] = result;
    }
  }
  return { ...values, ...derived };
};
