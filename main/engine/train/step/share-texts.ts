import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import { unwatched } from '../../runtime/profile/profiler.ts';
import { addTraffic, type Session } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import { noiseTensors, type NoiseDraw } from '../batch/noise.ts';
import { scalarTensor } from '../batch/tensors.ts';
import type { BaseInputs } from '../model/base-inputs.ts';
import { comparedNames } from '../model/comparison-graphs.ts';
import { comparedGraph, gradientGraph } from '../model/loss-graph.ts';
import { embeddingsOf, textsAlone } from '../model/shared-texts.ts';
import type { BaseStepOptions } from './base-step-options.ts';

/** The texts of one step. */
export interface StepTexts {
  /** Their embeddings (texts x width), as the micro-batches take them. */
  readonly embeddings: Tensor;
  /** Adds a micro-batch's gradient by the embeddings. */
  readonly add: (slope: Tensor) => void;
  /** Behind the last micro-batch: the gradients by what is trained of the texts, zeros by everything else. */
  readonly gradients: (into: Readonly<Record<string, Tensor>>) => Promise<BaseInputs>;
}

export interface SharedTexts extends Pick<Session, 'traffic' | 'release'> {
  readonly begin: (step: {
    readonly batch: Batch;
    readonly folded: BaseInputs;
    readonly noise: NoiseDraw;
  }) => Promise<StepTexts>;
}

const { rows: rowsName, slope: slopeName } = comparedNames('texts');
/** Beyond those of all micro-batches. */
const textStreams = 2 ** 40;

/**
 * Encodes the texts that all micro-batches of a step have once, and once more with their gradient behind the last. The gradient of a sum is the
 * sum of the gradients, so the step is that of one large batch.
 */
export const createSharedTexts = async (
  options: BaseStepOptions,
  residentOutputs: readonly string[],
  places: (into: Readonly<Record<string, Tensor>>) => Record<string, Tensor>,
): Promise<SharedTexts> => {
  const { threads, device, model, neftuneAlpha = 0, profiler = unwatched } = options;
  const alone = textsAlone(options);
  const { scored } = objectiveOf(model.architecture);
  const encoding = comparedGraph(alone, alone, embeddingsOf);
  const pulling = gradientGraph(alone, { ...alone, comparison: embeddingsOf });
  const encoder = await profiler.session(encoding, { threads, device });
  const puller = await profiler.session(pulling, { threads, device, residentOutputs });
  const taken = new Set(encoding.inputs.map(({ name }) => name));
  return {
    begin: async ({ batch, folded, noise: { seed, stream } }) => {
      const given = Object.fromEntries(
        Object.entries({ ...scored.feeds(batch), ...folded }).filter(([name]) => taken.has(name)),
      );
      const drawn = {
        seed,
        stream: textStreams + stream,
        neftuneAlpha,
        width: model.architecture.hiddenSize,
      };
      const feeds = { ...given, ...noiseTensors(encoding.inputs, given, drawn) };
      const embeddings = (await encoder.run(feeds))[rowsName]!;
      const sum = new Float32Array(embeddings.data.length);
      return {
        embeddings,
        add: ({ data }) => {
          for (let at = 0; at < sum.length; at++) sum[at]! += Number(data[at]);
        },
        gradients: async (into) => {
          const slope = { shape: embeddings.shape, data: sum };
          const { read, resident } = await puller.runResident(
            { ...feeds, [slopeName]: slope, loss_scale: scalarTensor(1) },
            places(into),
          );
          const { loss: _, ...gradients } = { ...read, ...resident };
          return gradients;
        },
      };
    },
    traffic: () => addTraffic(encoder.traffic(), puller.traffic()),
    release: async () => {
      await encoder.release();
      await puller.release();
    },
  };
};
