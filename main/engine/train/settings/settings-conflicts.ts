import { diffusionConflicts } from './diffusion-conflicts.ts';
import type { DiffusionSettings } from './diffusion-settings.ts';
import type { PictureSettings } from './picture-settings.ts';
import type { SettingsConflict } from './settings-conflict.ts';
import { givenUnits, lengthUnits, withoutShots, type LengthUnit } from './run-length.ts';

interface ConflictingSettings extends Partial<Record<LengthUnit, number | undefined>> {
  readonly warmupSteps: number;
  readonly warmupRatio: number;
  readonly evaluateEvery: number;
  readonly earlyStopping: object | null;
  readonly keepBest: boolean;
  readonly learningRate: number;
  readonly finalLearningRate: number;
  readonly pictures: PictureSettings | null;
  readonly diffusion: DiffusionSettings | null;
}

export const settingsConflicts = (settings: ConflictingSettings): SettingsConflict[] => {
  const [length, ...others] = givenUnits(settings);
  const conflicts: SettingsConflict[] = others.map((field) => ({
    field,
    message: `${length} is given too; a run's length is one of ${lengthUnits.slice(0, -1).join(', ')} and ${lengthUnits.at(-1)}`,
  }));
  conflicts.push(...ofPictures(settings), ...diffusionConflicts(settings.diffusion));
  if (settings.finalLearningRate > settings.learningRate)
    conflicts.push({
      field: 'finalLearningRate',
      message: `${settings.finalLearningRate} is more than learningRate ${settings.learningRate}, which falls to it`,
    });
  if (settings.warmupSteps > 0 && settings.warmupRatio > 0)
    conflicts.push({ field: 'warmupRatio', message: 'warmupSteps is given too; the warmup is one of both' });
  if (settings.evaluateEvery > 0) return conflicts;
  const needEvaluations = [
    { isOn: settings.earlyStopping !== null, what: 'early stopping' },
    { isOn: settings.keepBest, what: 'keeping the best' },
  ];
  for (const { isOn, what } of needEvaluations)
    if (isOn)
      conflicts.push({
        field: 'evaluateEvery',
        message: `${what} needs evaluations during training: at least 1, not 0`,
      });
  return conflicts;
};

/** Lengths that the settings of pictures don't go with. */
const ofPictures = ({
  pictures,
  stepsPerShot,
  epochs,
  maxTokens,
}: ConflictingSettings): SettingsConflict[] => {
  const conflicts: SettingsConflict[] = [];
  if (stepsPerShot !== undefined && (pictures?.shots ?? 'all') === 'all')
    conflicts.push({ field: 'stepsPerShot', message: withoutShots });
  if (pictures?.epochEnd === 'small-batch' && (epochs ?? maxTokens) !== undefined)
    conflicts.push({
      field: 'pictures.epochEnd',
      message:
        'with small batches at the ends of epochs the length is counted in steps; give steps or stepsPerShot',
    });
  return conflicts;
};
