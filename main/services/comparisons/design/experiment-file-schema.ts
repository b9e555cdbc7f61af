import { z } from 'zod';
import { WorkbenchError } from '../../../engine/errors.ts';
import { isObject } from '../../../engine/json-value.ts';
import { check, type Problem } from '../../../engine/problems.ts';
import { experimentDefinitionSchema, type ExperimentDefinition } from '../../shared/experiment-definition.ts';
import { sweptExperiment } from './sweep-experiment.ts';
import { sweepSchema, type Sweep } from './sweep-schema.ts';

interface Expanded {
  readonly value: ExperimentDefinition | null;
  readonly problems: readonly Problem[];
}

/** What is wrong with a search as a whole, at its place: `sweep.settings: ...` stands under `sweep`. */
const expanded = (definition: ExperimentDefinition, sweep: Sweep): Expanded => {
  try {
    return { value: sweptExperiment(definition, sweep), problems: [] };
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    const message = error.message.replace(/^sweep[.:]\s*/, '');
    return { value: null, problems: [{ path: ['sweep'], message }] };
  }
};

const read = (given: unknown): Expanded => {
  if (!isObject(given) || given['sweep'] === undefined) return check(experimentDefinitionSchema, given);
  const { sweep: asked, ...plain } = given;
  const experiment = check(experimentDefinitionSchema, plain);
  const sweep = check(sweepSchema, asked);
  const problems = [
    ...experiment.problems,
    ...sweep.problems.map(({ path, message }) => ({ path: ['sweep', ...path], message })),
  ];
  if (experiment.value === null || sweep.value === null) return { value: null, problems };
  return expanded(experiment.value, sweep.value);
};

/** An experiment as a file has it: with `sweep`, every configuration stands for as many as the search has trials for it. */
export const experimentFileSchema = z.unknown().transform((given, context): ExperimentDefinition => {
  const { value, problems } = read(given);
  for (const { path, message } of problems) context.addIssue({ code: 'custom', path: [...path], message });
  return value ?? z.NEVER;
});
