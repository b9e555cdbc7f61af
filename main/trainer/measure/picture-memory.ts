import { describeAdapter, type AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { calibrationOf } from '../../engine/init/outer-parts.ts';
import { estimateRun } from '../../engine/memory/estimate-run.ts';
import type { MemoryEstimate } from '../../engine/memory/estimate.ts';
import { comparedWith, towersOf } from '../../engine/models/compared-model.ts';
import type { Model } from '../../engine/models/model.ts';
import { pictureSettingsSchema } from '../../engine/train/settings/picture-settings.ts';
import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import type { MemoryQuestion } from '../protocol/memory-schema.ts';
import { captionTexts } from '../run/pictures/caption-texts.ts';
import { classTexts } from '../run/pictures/class-texts.ts';
import { steppedModel } from '../run/pictures/text-tower.ts';

/** The decoder with its threads, and pictures of some hundred pixels that are being decoded. */
const decoderBytes = 64 * 2 ** 20;
/** Batches that are decoded ahead of the one that is computed. */
const batchesAhead = 2;

/** What pictures are compared with: their classes, or some of the longest of their captions. */
type ComparedTexts = Pick<MemoryQuestion, 'classes' | 'captions'>;

/**
 * What a run on pictures takes: its steps, and the pixels of the batches that are there at once. Calibration's are there before the steps' own
 * memory is.
 */
export const estimatePictureRun = (
  model: Model,
  texts: { readonly [Kind in keyof ComparedTexts]: ComparedTexts[Kind] | undefined },
  adapter: AdapterSettings,
  training: TrainingSettings,
): MemoryEstimate => {
  const tokenizer = loadTokenizer(model.folder.directory);
  const { classes, captions = [] } = texts;
  const whole =
    classes === undefined
      ? comparedWith(model, towersOf(model.architecture).captions, training.batchSize)
      : comparedWith(model, 'class-prompts', classes.length);
  const { template } = training.pictures ?? pictureSettingsSchema.parse({});
  const { positions } =
    classes === undefined
      ? captionTexts(captions, tokenizer, whole.architecture)
      : classTexts(classes, template, tokenizer, whole.architecture);
  const estimate = estimateRun(steppedModel(whole, adapter), adapter, {
    ...training,
    sequenceLength: positions,
  });

  const { shape } = towersOf(whole.architecture).pictures.input;
  const ofBatch = 4 * training.batchSize * shape.reduce((a, b) => a * b, 1);
  // Of a step's batches the pixels are there twice: as they were decoded, and as the graph takes them.
  const loading = ofBatch * (batchesAhead + 2 * training.gradientAccumulation);
  const calibrating = ofBatch * calibrationOf(describeAdapter(adapter)).batches;
  const more = decoderBytes + loading + Math.max(0, calibrating - estimate.activations);
  return {
    ...estimate,
    process: estimate.process + more,
    total: estimate.total + more,
    resident: estimate.resident + more,
  };
};
