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
  ...usually({ vocab_size: 30_522 }),
  // Keys of a pooler of another form, which no released model has.
  directionality: z.unknown().optional(),
  gradient_checkpointing: z.unknown().optional(),
  pooler_fc_size: z.unknown().optional(),
  pooler_num_attention_heads: z.unknown().optional(),
  pooler_num_fc_layers: z.unknown().optional(),
  pooler_size_per_head: z.unknown().optional(),
  pooler_type: z.unknown().optional(),
});

/** BERT with a classifier on its pooled first token. */
export const readBert: ReadArchitecture = (config, place) => {
  const settings = readConfiguration(configuration, config, place);
  checkEncoder(settings, place);
  const { hidden_size: width } = settings;
  const classes = classesOf(settings);
  const pooler = biased('bert.pooler.dense', width, width);
  const classifier: LinearLayer = { ...biased('classifier', width, classes), role: 'head' };
  return {
    name: 'bert',
    layers: settings.num_hidden_layers,
    hiddenSize: width,
    vocabularySize: settings.vocab_size,
    objective: 'classification',
    outputs: classes,
    maximumPositions: settings.max_position_embeddings,
    classifier: {
      classNames: classNamesOf(settings),
      className: 'BertForSequenceClassification',
      headModules: ['bert.pooler.dense', 'classifier'],
    },
    forward: (context) => {
      const { g, linear, isFrozen } = context;
      return {
        hidden: encode(settings, context, {
          prefix: 'bert',
          skippedPositions: 0,
          tellsPairsApart: settings.type_vocab_size > 1,
        }),
        head: {
          frozen: isFrozen(pooler) && isFrozen(classifier),
          logits: (rows) => linear(classifier, g.tanh(linear(pooler, rows))),
        },
      };
    },
    otherNames: olderNames('bert'),
    // The heads of pretraining.
    idleTensors: [positionIds, /^cls\./],
  };
};
