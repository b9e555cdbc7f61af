import type { z } from 'zod';
import {
  experimentDefinitionSchema,
  objectiveFacts,
  otherDataOf,
  withinAlternatives,
} from '../../../../main/api/contract.ts';
import type {
  AdapterSettings,
  Dataset,
  ExperimentDefinitionInput,
  Model,
} from '../../../../main/api/contract.ts';
import { adapterMethods } from '../../../../main/api/contract.ts';
import { formatLimit } from '../../format/number.ts';
import { largestRank, narrowestModule } from '../../format/adapter.ts';
import { drawingProblems, sideProblems } from './drawing/drawing-settings.ts';

/** What is wrong, by field: `training.steps`, `configurations.0.adapter.rank`. */
export type Problems = Readonly<Record<string, string>>;

/** The contract's own rules, and those that follow from the chosen model. */
export const findProblems = (
  definition: ExperimentDefinitionInput,
  model: Model | undefined,
  dataset: Dataset | undefined,
): Problems => {
  const { error } = experimentDefinitionSchema.safeParse(definition);
  const found: Record<string, string> = {
    ...(model && modelProblems(definition, model)),
    ...(model && dataset && objectiveProblems(definition, model, dataset)),
  };
  for (const issue of (error?.issues ?? []).flatMap(withinAlternatives))
    found[fieldOf(issue.path)] = describeIssue(issue);
  return found;
};

/** A configuration's own rate has a field of its own. */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .map(String)
    .join('.')
    .replace(/^(configurations\.\d+)\.training\.learningRate$/, '$1.learningRate');

const missing: Readonly<Record<string, string>> = { model: 'Choose a model.', dataset: 'Choose the data.' };

/** One issue of a schema as a sentence for the field it belongs to. */
export const describeIssue = (issue: z.core.$ZodIssue): string => {
  const field = missing[issue.path.join('.')];
  if (field !== undefined) return field;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'Enter a whole number.' : 'Enter a number.';
    case 'too_small':
      if (issue.origin === 'string') return 'Enter a name.';
      if (issue.origin === 'array') return 'Add at least one.';
      return issue.inclusive === false
        ? `Must be more than ${formatLimit(issue.minimum)}.`
        : `Must be at least ${formatLimit(issue.minimum)}.`;
    case 'too_big':
      if (issue.origin === 'string') return `At most ${issue.maximum} characters.`;
      if (issue.origin === 'array') return `At most ${issue.maximum}.`;
      return issue.inclusive === false
        ? `Must be less than ${formatLimit(issue.maximum)}.`
        : `Must be at most ${formatLimit(issue.maximum)}.`;
    default:
      return `${issue.message[0]?.toUpperCase()}${issue.message.slice(1)}.`;
  }
};

const modelProblems = (definition: ExperimentDefinitionInput, model: Model): Record<string, string> => {
  const found: Record<string, string> = {};
  const length = definition.training?.sequenceLength ?? 0;
  // Prompts of classes are as long as they are.
  const isOfTexts = !objectiveFacts[model.objective].formats.includes('pictures');
  if (isOfTexts && length > model.maximumPositions) {
    found['training.sequenceLength'] = `${model.name} takes at most ${model.maximumPositions} tokens.`;
  }
  definition.configurations.forEach(({ adapter }, index) => {
    for (const [field, message] of rankProblems(adapter as AdapterSettings, model)) {
      found[`configurations.${index}.adapter.${field}`] = message;
    }
  });
  return found;
};

/** Those of what the model is trained for. */
const objectiveProblems = (
  definition: ExperimentDefinitionInput,
  model: Model,
  dataset: Dataset,
): Record<string, string> => {
  const { noPacking } = objectiveFacts[model.objective];
  const other = otherDataOf(model.objective, dataset.format);
  if (other !== null) return { dataset: other.field(model.name) };
  const found: Record<string, string> = {};
  if (definition.training?.packing === true && noPacking) found['training.packing'] = noPacking.field;
  const { samples } = definition.training ?? {};
  if (samples && model.objective !== 'next-token')
    found['training.samples'] = `${model.name} writes no texts: switch them off.`;
  if (samples?.heldOut && dataset.format.kind === 'text')
    found['training.samples.heldOut'] = 'Plain texts have no prompts: give some above.';
  const { diffusion } = definition.training ?? {};
  if (diffusion) {
    const wrong = {
      ...drawingProblems(diffusion, dataset),
      ...sideProblems(diffusion, model),
    };
    for (const [field, why] of Object.entries(wrong)) found[`training.diffusion.${field}`] = why;
  }
  const newModules = model.classifier?.newModules ?? [];
  definition.configurations.forEach(({ adapter }, index) => {
    const saved = (adapter as { modulesToSave?: string[] }).modulesToSave;
    if (saved !== undefined && newModules.some((module) => !saved.includes(module)))
      found[`configurations.${index}.adapter.modulesToSave`] =
        'The head is made new, so it has to be trained.';
  });
  return found;
};

/** A rank larger than the matrix would be refused at the start of the run. */
function* rankProblems(adapter: AdapterSettings, model: Model): Generator<[string, string]> {
  const narrowest = narrowestModule(model, adapter);
  if (narrowest === undefined) return;
  const limit = largestRank(narrowest);
  const { name, outFeatures, inFeatures } = narrowest;
  const tooLarge = `At most ${limit}: ${name} is ${outFeatures} × ${inFeatures}.`;
  const field = adapterMethods[adapter.method].rankSetting;
  if (field !== null && Number((adapter as Record<string, unknown>)[field]) > limit) yield [field, tooLarge];
  if (
    adapter.method === 'nora' &&
    adapter.structure === 'core' &&
    adapter.innerRank > Number(adapter.outerRank)
  )
    yield ['innerRank', 'At most the outer rank.'];
}
