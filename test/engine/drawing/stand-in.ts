import { readSchedule } from '../../../main/engine/diffusion/schedule.ts';
import type { Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { drawSettingsSchema, type DrawSettings } from '../../../main/engine/diffusion/draw-settings.ts';
import type { DrawingModel, DrawingPart, OpenPart } from '../../../main/engine/drawing/drawing-model.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

/** A letter is a token, a is 1; a text stands between two others. */
export const letters = ({ first = 100, last = 101, padId = 0 } = {}): Tokenizer => {
  const ids = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0) - 96);
  const framed = (text: string): number[] => [first, ...ids(text), last];
  const tokenizer: Partial<Tokenizer> = {
    encode: (text, { addSpecialTokens = true } = {}) => (addSpecialTokens ? framed(text) : ids(text)),
    encodePair: (text) => ({ ids: framed(text), types: framed(text).map(() => 0) }),
    encodeWithOffsets: (text) => ({
      ids: ids(text),
      starts: ids(text).map((_, at) => at),
      ends: ids(text).map((_, at) => at + 1),
      added: ids(text).map(() => 0),
    }),
    padId,
  };
  return tokenizer as Tokenizer;
};

const schedule = readSchedule(
  {
    _class_name: 'DDIMScheduler',
    num_train_timesteps: 1000,
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    clip_sample: false,
  },
  'scheduler_config.json',
);

export const settingsOf = (changes: Partial<DrawSettings> = {}): DrawSettings =>
  drawSettingsSchema.parse({ sampler: 'ddim', steps: 4, width: 16, height: 8, ...changes });

/** What is asked of a part, in its order. */
export interface Asked {
  readonly arm: number;
  readonly part: DrawingPart;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

const positions = 6;
const width = 2;
const numbers = ({ data }: Tensor): number[] => Array.from(data, Number);

/** A model of a few sums in place of layers: arm 1 has a denoiser of its own, and arm 2 a text encoder. */
export const standIn = (
  changes: Partial<DrawingModel> & {
    gives?: (arm: number, timestep: number) => number;
    breaks?: DrawingPart;
  } = {},
) => {
  const { gives = () => 0, breaks, ...rest } = changes;
  const asked: Asked[] = [];
  const opened: string[] = [];
  const key = (arm: number, part: DrawingPart): string => {
    if (part === 'denoiser') return arm === 1 ? 'own' : 'base';
    return part === 0 && arm === 2 ? 'own' : 'base';
  };
  const outputs: Record<
    'text' | 'denoiser' | 'decoder',
    (arm: number, feeds: Asked['feeds']) => Record<string, Tensor>
  > = {
    text: (arm, { input_ids: ids }) => {
      const strength = key(arm, 0) === 'own' ? 2 : 1;
      const states = numbers(ids!).flatMap((id) => [strength * id, 0.01 * id]);
      return {
        states: { shape: [positions, width], data: Float32Array.from(states) },
        pooled: { shape: [1, 1], data: Float32Array.of(states[2]!) },
      };
    },
    denoiser: (arm, { latents, times, text_states: states, added }) => {
      const images = times!.shape[0]!;
      const [size, text] = [latents!.data.length / images, states!.data.length / images];
      const data = Float32Array.from(latents!.data as Float32Array, (x, at) => {
        const image = Math.floor(at / size);
        const told = numbers(states!)
          .slice(image * text, (image + 1) * text)
          .reduce((a, b) => a + b, 0);
        const more = added === undefined ? 0 : Number(added.data[image]!);
        return 0.1 * x + 0.001 * told + more + (arm === 1 ? 0.2 : 0) + gives(arm, Number(times!.data[0]));
      });
      return { prediction: { shape: [images, size], data } };
    },
    decoder: (_, { latents }) => {
      const [, , rows, columns] = latents!.shape as [number, number, number, number];
      const [height, across] = [rows * 8, columns * 8];
      const data = new Float32Array(3 * height * across);
      for (let at = 0; at < data.length; at++) {
        const [channel, place] = [Math.floor(at / (height * across)), at % (height * across)];
        const [row, column] = [Math.floor(place / across / 8), Math.floor((place % across) / 8)];
        data[at] = Number(latents!.data[channel * rows * columns + row * columns + column]!);
      }
      return { pixels: { shape: [1, data.length], data } };
    },
  };
  const open = (arm: number, part: DrawingPart): Promise<OpenPart> => {
    opened.push(`${arm} ${part}`);
    const compute = outputs[typeof part === 'number' ? 'text' : part];
    return Promise.resolve({
      run: (feeds) => {
        asked.push({ arm, part, feeds: feeds as Asked['feeds'] });
        const made = compute(arm, feeds as Asked['feeds']);
        if (part === breaks) (Object.values(made)[0]!.data as Float32Array).fill(NaN);
        return Promise.resolve(made);
      },
      blame: () => Promise.resolve(`unet.mid_block.${String(part)}`),
      release: () => {
        opened.push(`- ${arm} ${part}`);
        return Promise.resolve();
      },
    });
  };
  const model: DrawingModel = {
    latent: { channels: 4, pixels: 8, granularity: 1 },
    usualSide: 16,
    schedule,
    positions,
    texts: [{ width }],
    times: (timesteps) => Float32Array.from(timesteps),
    added: null,
    zerosWithoutText: false,
    scalingFactor: 0.5,
    key,
    open,
    ...rest,
  };
  return { model, asked, opened };
};
