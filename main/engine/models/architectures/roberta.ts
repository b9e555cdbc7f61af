import { z } from 'zod';
import type { LinearLayer, ReadArchitecture } from '../architecture.ts';
import {
  biased,
  checkEncoder,
  classesOf,
  classNamesOf,
  encode,
  encoderKeys,
  olderNames,
  positionIds,
} from '../blocks/encoder.ts';
import { readConfiguration } from '../configuration.ts';
import { usually } from '../configuration-keys.ts';

const configuration = z.object({
  ...encoderKeys,
  ...usually({ vocab_size: 50_265 }),
  pad_token_id: z.int().min(0).default(1),
});

/** RoBERTa with its two-layer classifier on the first token; positions count from after the padding's id. */
export const readRoberta: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  checkEncoder(settings, place);
  const { hidden_size: width, max_position_embeddings: rows, pad_token_id: padding } = settings;
  const classes = classesOf(settings);
  const dense = biased('classifier.dense', width, width);
  const output: LinearLayer = { ...biased('classifier.out_proj', width, classes), role: 'head' };
  const skippedPositions = padding + 1;
  return {
    name: 'roberta',
    layers: settings.num_hidden_layers,
    hiddenSize: width,
    vocabularySize: settings.vocab_size,
    objective: 'classification',
    outputs: classes,
    maximumPositions: rows - skippedPositions,
    classifier: {
      classNames: classNamesOf(settings),
      className: 'RobertaForSequenceClassification',
      headModules: ['classifier.dense', 'classifier.out_proj'],
    },
    forward: (context) => {
      const { g, linear, isFrozen } = context;
      return {
        hidden: encode(settings, context, { prefix: 'roberta', skippedPositions, tellsPairsApart: false }),
        head: {
          frozen: isFrozen(dense) && isFrozen(output),
          logits: (rows) => linear(output, g.tanh(linear(dense, rows))),
        },
      };
    },
    otherNames: olderNames('roberta'),
    // The head of pretraining, and a pooler, where the classifier takes the first token itself.
    idleTensors: [positionIds, /^lm_head\./, /^(roberta\.)?pooler\./],
  };
};
