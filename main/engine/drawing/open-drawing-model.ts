import type { Graph } from '../graph/graph.ts';
import type { TextEncoder } from '../models/architecture.ts';
import { diffusionOf, onlyTexts, vaeDecoder, withTextStates } from '../models/diffusion-model.ts';
import { drawnSidesOf } from '../models/drawn-sides.ts';
import type { Model } from '../models/model.ts';
import { firstNotFinite } from '../runtime/first-not-finite.ts';
import { createSession, type Feed, type SessionOptions } from '../runtime/session.ts';
import { foldSubject } from '../scoring/subjects/fold-subject.ts';
import { isPlain, onPart } from '../scoring/subjects/on-part.ts';
import type { Tensor } from '../tensor.ts';
import { scoresGraph } from '../train/model/loss-graph.ts';
import type { TrainedModel } from '../train/model/trained-model.ts';
import type { DrawingModel, DrawingPart, OpenPart } from './drawing-model.ts';

type Feeds = Readonly<Record<string, Feed>>;

/** How a part's graph is fed and read: it gives a row for each image. */
interface Translation {
  readonly feeds: (given: Feeds) => Feeds;
  readonly outputs: (rows: Tensor) => Readonly<Record<string, Tensor>>;
}

const modelOf = (whole: Model, part: DrawingPart): Model => {
  if (part === 'denoiser') return withTextStates(whole);
  return part === 'decoder' ? vaeDecoder(whole) : onlyTexts(whole, part);
};

/** An encoder's row is the states of its tokens, and behind them the vector of the whole text where it makes one. */
const ofEncoder = ({ input, width, pooledWidth, endOf }: TextEncoder, positions: number): Translation => ({
  feeds: ({ input_ids: given }) => {
    const { shape, data } = given as Tensor;
    if (pooledWidth === null) return { [input]: { shape, data } };
    const ids = Array.from(data as BigInt64Array, Number);
    const ends = new Float32Array(ids.length);
    for (let from = 0; from < ids.length; from += positions)
      ends[from + endOf(ids.slice(from, from + positions))] = 1;
    return { [input]: { shape, data }, text_ends: { shape, data: ends } };
  },
  outputs: ({ data }) => {
    const row = data as Float32Array;
    const states = { shape: [positions, width], data: row.slice(0, positions * width) };
    if (pooledWidth === null) return { states };
    return { states, pooled: { shape: [1, pooledWidth], data: row.slice(positions * width) } };
  },
});

const plainly = (name: string): Translation => ({
  feeds: (given) => given,
  outputs: (rows) => ({ [name]: rows }),
});

const openPart = async (
  subject: TrainedModel,
  { feeds, outputs }: Translation,
  places: number,
  options: SessionOptions,
): Promise<OpenPart> => {
  const graph: Graph = scoresGraph(subject, { positions: places });
  const folded = await foldSubject(subject);
  const session = await createSession(graph, options);
  return {
    run: async (given) => outputs((await session.run({ ...feeds(given), ...folded }))['logits']!),
    blame: (given) => firstNotFinite(graph, { ...feeds(given), ...folded }, options),
    release: session.release,
  };
};

/** As diffusers' pipeline of SDXL has it where nobody says otherwise; those before it encode an empty text. */
const zerosWithoutText = ({ architecture, folder }: Model): boolean => {
  if (architecture.name !== 'stable-diffusion-xl') return false;
  return folder.config['force_zeros_for_empty_prompt'] !== false;
};

/**
 * A diffusion model with arms on it, to draw with. Nothing is compiled before a part is opened.
 * @param subjects all on one model
 */
export const openDrawingModel = (
  subjects: readonly TrainedModel[],
  options: Pick<SessionOptions, 'threads'>,
): DrawingModel => {
  const whole = subjects[0]!.model;
  const { latent, schedule, positions, texts, times, added, vae } = diffusionOf(whole.architecture);
  const parts = new Map<DrawingPart, Model>();
  const partOf = (part: DrawingPart): Model => {
    const known = parts.get(part) ?? modelOf(whole, part);
    parts.set(part, known);
    return known;
  };
  const subjectOf = (arm: number, part: DrawingPart): TrainedModel => onPart(subjects[arm]!, partOf(part));
  const translationOf = (part: DrawingPart): Translation => {
    if (typeof part === 'number') return ofEncoder(texts[part]!, positions);
    return plainly(part === 'denoiser' ? 'prediction' : 'pixels');
  };
  return {
    ...{ latent, schedule, positions, texts, times },
    usualSide: drawnSidesOf(whole)!.usual,
    added:
      added === null
        ? null
        : (pooled, { width, height }) => {
            // A picture that was as large as it is now, and of which nothing was cut.
            const features = added.features([height, width, 0, 0, height, width]);
            return Float32Array.from([...pooled, ...features]);
          },
    zerosWithoutText: zerosWithoutText(whole),
    scalingFactor: vae.scalingFactor,
    key: (arm, part) => (isPlain(subjectOf(arm, part)) ? 'base' : String(arm)),
    open: (arm, part, places) =>
      openPart(
        subjectOf(arm, part),
        translationOf(part),
        typeof part === 'number' ? positions : places,
        options,
      ),
  };
};
