import { basename } from 'node:path';
import { stringify } from 'yaml';
import { WorkbenchError } from '../../engine/errors.ts';
import { readText } from '../../engine/formats/json-text.ts';
import { isObject } from '../../engine/json-value.ts';
import { check, type Checked } from '../../engine/problems.ts';
import { sweptExperiment } from '../comparisons/design/sweep-experiment.ts';
import { sweepSchema, type Sweep } from '../comparisons/design/sweep-schema.ts';
import { parseDefinition } from '../shared/definition-file.ts';
import { checkWithPresets } from './presets/spell-out-presets.ts';
import { experimentDefinitionSchema, type ExperimentDefinition } from '../shared/experiment-definition.ts';

/** @throws WorkbenchError naming file, line and field: `experiment.yaml, line 7: training.steps: expected at least 1, not 0` */
export const readExperimentFile = (path: string): ExperimentDefinition =>
  parseExperiment(readText(path), basename(path));

/** @param name the file's name, for messages */
export const parseExperiment = (text: string, name: string): ExperimentDefinition => {
  const { value, placeOf } = parseDefinition(checkExperiment, text, name);
  return expanded(value, () => placeOf(['sweep']));
};

/** All that it says, defaults too, so that it means the same whatever they become. */
export const writeExperiment = (definition: ExperimentDefinition): string =>
  stringify(definition, { lineWidth: 0 });

/** What a file holds: an experiment, and where it has one, a search that makes many configurations of each. */
interface ExperimentFile {
  readonly definition: ExperimentDefinition;
  readonly sweep: Sweep | null;
}

const checkExperiment = (given: unknown): Checked<ExperimentFile> =>
  checkWithPresets(given, 'configurations', checkSpelledOut);

const checkSpelledOut = (given: unknown): Checked<ExperimentFile> => {
  const { sweep: asked, ...plain } = isObject(given) ? given : { sweep: undefined };
  const experiment = check(experimentDefinitionSchema, isObject(given) ? plain : given);
  const sweep = asked === undefined ? { value: null, problems: [] } : check(sweepSchema, asked);
  const problems = [
    ...experiment.problems,
    ...sweep.problems.map(({ path, message }) => ({ path: ['sweep', ...path], message })),
  ];
  const isWhole = experiment.value !== null && problems.length === 0;
  return { value: isWhole ? { definition: experiment.value, sweep: sweep.value } : null, problems };
};

/** @param place of the search, for what is wrong with it as a whole */
const expanded = ({ definition, sweep }: ExperimentFile, place: () => string): ExperimentDefinition => {
  if (sweep === null) return definition;
  try {
    return sweptExperiment(definition, sweep);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${place()}: ${error.message}`, { cause: error });
  }
};
