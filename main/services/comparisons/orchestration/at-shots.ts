import { pictureSettingsSchema } from '../../../engine/train/settings/picture-settings.ts';
import type { ComparisonDefinition } from '../definition.ts';
import type { ComparisonState } from './comparison-state.ts';

/** Pictures of each class that are trained on; null where a comparison has no axis of them. */
export type Shots = number | null;

/** At each of these a comparison is one of its own, with the base in common. */
export const shotsOf = ({ shots }: Pick<ComparisonDefinition, 'shots'>): readonly Shots[] => shots ?? [null];

/** The protocol at one number of shots. */
export const definitionAt = (definition: ComparisonDefinition, shots: Shots): ComparisonDefinition => {
  if (shots === null) return definition;
  const { training } = definition;
  const pictures = { ...(training.pictures ?? pictureSettingsSchema.parse({})), shots };
  return { ...definition, training: { ...training, pictures } };
};

/** How far a comparison is at one number of shots: with the runs of that number alone. */
export const stateAt = <State extends Pick<ComparisonState, 'definition' | 'runs'>>(
  state: State,
  shots: Shots,
): State => ({
  ...state,
  definition: definitionAt(state.definition, shots),
  runs: state.runs.filter((run) => run.shots === shots),
});
