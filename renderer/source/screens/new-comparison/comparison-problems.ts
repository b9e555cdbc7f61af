import { comparisonRequestSchema, withinAlternatives } from '../../../../main/api/contract.ts';
import type { ComparisonDefinitionInput, Dataset, Model } from '../../../../main/api/contract.ts';
import { describeIssue, findProblems } from '../new-experiment/problems.ts';
import type { Problems } from '../new-experiment/problems.ts';
import { describeTaskIssue, findTaskProblems } from './task-problems.ts';

/** As the fields that an experiment's form has too call it: `configurations.0.learningRate`. */
const fieldOf = (path: readonly PropertyKey[]): string => {
  const [first, ...rest] = path.map(String);
  if (first === 'heldOutSeed') return 'seed';
  if (first !== 'arms') return [first, ...rest].join('.');
  return ['configurations', ...rest].join('.').replace('.training.learningRate', '.learningRate');
};

/** The protocol at a number of shots, which steps a shot are counted by; what is wrong with the numbers is told of them. */
const atFewestShots = (
  training: NonNullable<ComparisonDefinitionInput['training']>,
  shots: ComparisonDefinitionInput['shots'],
): NonNullable<ComparisonDefinitionInput['training']> =>
  shots ? { ...training, pictures: { ...training.pictures, shots: 1 } } : training;

/** What is wrong with a comparison, by field: the contract's own rules, and those that follow from the model and the data. */
export const findComparisonProblems = (
  definition: ComparisonDefinitionInput,
  model: Model | undefined,
  dataset: Dataset | undefined,
): Problems => {
  const { name, model: modelId, dataset: datasetId, date, validationFraction, training, arms } = definition;
  const asExperiment = findProblems(
    {
      version: 1,
      name,
      model: modelId,
      dataset: datasetId,
      ...(date !== undefined && { date }),
      ...(validationFraction !== undefined && { validationFraction }),
      ...(training !== undefined && { training: atFewestShots(training, definition.shots) }),
      configurations: arms,
    },
    model,
    dataset,
  );
  const { error } = comparisonRequestSchema.safeParse(definition);
  const own = (error?.issues ?? [])
    .flatMap(withinAlternatives)
    .map((issue) => [fieldOf(issue.path), describeTaskIssue(issue) ?? describeIssue(issue)] as const);
  return {
    ...Object.fromEntries(own),
    ...asExperiment,
    ...findTaskProblems(definition.tasks ?? [], model),
    ...(arms.length < 2 && { configurations: 'A comparison needs at least two.' }),
  };
};

/** The first problem of a field or of anything in it. */
export const problemWithin = (problems: Problems, field: string): string | undefined =>
  Object.entries(problems).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
