import type { DrawRequestInput } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { wholeNumber } from '../numbers.ts';
import { readPictureSize } from '../picture-size.ts';

type Settings = NonNullable<DrawRequestInput['settings']>;

/** How pictures are drawn, as a command's flags. */
export interface DrawingFlags {
  readonly steps?: string;
  readonly sampler?: string;
  readonly spacing?: string;
  readonly karras?: boolean;
  readonly guidance?: string;
  readonly negative?: string;
  readonly size?: string;
  readonly clipSkip?: string;
  readonly longPrompts?: string;
}

export const drawingFlags: Readonly<Record<string, string>> = {
  '--steps <count>': 'steps from noise to a picture; 25 otherwise',
  '--sampler <name>': 'ddim, euler, euler-ancestral, dpm-solver++ or pndm; dpm-solver++ otherwise',
  '--spacing <name>': "which timesteps: leading, trailing or linspace; the model's own otherwise",
  '--karras': "Karras' steps, of euler and dpm-solver++",
  '--no-karras': "without them, where the model's scheduler has them",
  '--guidance <scale>':
    'how far the prompt is followed beyond itself; 7.5 otherwise, 1 and less for the prompt alone',
  '--negative <text>': 'what shall not be on the pictures',
  '--size <pixels>': "512, or width x height as in 512x768; the model's own otherwise",
  '--clip-skip <layer>':
    "from which layer of the text encoders, as kohya counts: 1 is the last; the model's own otherwise",
  '--long-prompts <way>':
    'what becomes of a prompt that is longer than its encoder takes: cut (otherwise), or chunks as kohya has it',
};

const readGuidance = (text: string | undefined): Pick<Settings, 'guidance'> => {
  if (text === undefined) return {};
  if (!/^\d{1,3}(\.\d+)?$/.test(text)) throw invalidInput(`--guidance: expected a number, not "${text}"`);
  return { guidance: Number(text) };
};

/** What is not one of the settings' names is refused where the call is checked, by the setting's name. */
export const readDrawing = (flags: DrawingFlags): Settings => {
  const { sampler, spacing, karras, negative, longPrompts } = flags;
  const steps = wholeNumber(flags.steps, '--steps');
  const clipSkip = wholeNumber(flags.clipSkip, '--clip-skip');
  return {
    ...(sampler !== undefined && { sampler: sampler as Settings['sampler'] & string }),
    ...(steps !== undefined && { steps }),
    ...(clipSkip !== undefined && { clipSkip }),
    ...(spacing !== undefined && { spacing: spacing as Settings['spacing'] & string }),
    ...(karras !== undefined && { karras }),
    ...(negative !== undefined && { negative }),
    ...(longPrompts !== undefined && { longPrompts: longPrompts as Settings['longPrompts'] & string }),
    ...readGuidance(flags.guidance),
    ...readPictureSize(flags.size, '--size'),
  };
};
