import type { DataFormat } from '../../data/pictures/pictures-format.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { ObjectiveName } from '../../objective-names.ts';
import { drawsPictures } from './picture-checks.ts';
import type { SampleSettings } from './sample-settings.ts';

const whyNone = (objective: ObjectiveName): string => {
  if (drawsPictures(objective))
    return 'are texts, and this model draws pictures: see training.diffusion.samples';
  if (objective === 'classification') return 'a classifier scores texts and writes none; leave samples out';
  return 'a model that compares pictures with texts writes none; leave samples out';
};

/** @throws where the model writes no texts, or the data has no prompts for them */
export const checkSamples = (
  objective: ObjectiveName,
  { kind }: Pick<DataFormat, 'kind'>,
  { samples }: { readonly samples: SampleSettings | null },
): void => {
  if (samples === null) return;
  if (objective !== 'next-token')
    throw new WorkbenchError('unsupported', `training.samples: ${whyNone(objective)}`);
  if (kind === 'text' && samples.heldOut > 0)
    throw invalidInput(
      'training.samples.heldOut: rows of plain texts have no prompt that could be answered; give prompts instead',
    );
};
