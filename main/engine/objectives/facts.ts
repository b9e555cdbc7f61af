import type { DatasetFormat } from '../data/files/dataset-format.ts';
import { setKindOf, type DataFormat, type PicturesFormat } from '../data/pictures/pictures-format.ts';
import type { SetKind } from '../data/pictures/subject-format.ts';
import type { ObjectiveName } from '../objective-names.ts';

/** What is to be known of an objective without a model at hand. Pure: forms ask it too. */
export interface ObjectiveFacts {
  /** Kinds of data that a model is trained on for it. */
  readonly formats: readonly DataFormat['kind'][];
  /** Of pictures, what they may be; none for models of text. */
  readonly sets: readonly SetKind[];
  /** What a person is told whose data is of another kind: in a line of its own, and beside the field of a form. */
  readonly otherData: { readonly line: string; readonly field: (model: string) => string };
  /** Why several examples cannot share a row, in the same two ways; null where they can. */
  readonly noPacking: { readonly line: string; readonly field: string } | null;
  /** Whether a person chooses which tokens carry loss. */
  readonly choosesTokens: boolean;
}

/** Of all objectives of pictures. */
const ofPictures: ObjectiveFacts = {
  formats: ['pictures'],
  sets: ['classes', 'captions'],
  otherData: {
    line: 'the model compares pictures with texts, and the data has texts alone; choose a model of text, or import pictures',
    field: (model) => `${model} compares pictures with texts, and this has texts alone.`,
  },
  noPacking: {
    line: 'a picture has a row of its own; switch packing off',
    field: 'A picture has a row of its own: switch it off.',
  },
  choosesTokens: false,
};

/** Of models that nothing trains: no data fit. */
const ofInstruments: ObjectiveFacts = {
  formats: [],
  sets: [],
  otherData: {
    line: 'the model embeds pictures (DINO): it measures pictures that were drawn, and nothing trains it; choose another model',
    field: (model) => `${model} only measures pictures, and nothing trains it.`,
  },
  noPacking: ofPictures.noPacking,
  choosesTokens: false,
};

export const objectiveFacts: Readonly<Record<ObjectiveName, ObjectiveFacts>> = {
  'next-token': {
    formats: ['text', 'prompt-completion', 'chat'],
    sets: [],
    otherData: {
      line: 'the data has a class for each row, and the model predicts the next token; choose a BERT or RoBERTa model, or import the data again as prompt and completion',
      field: (model) => `Has a class for each row; ${model} predicts tokens.`,
    },
    noPacking: null,
    choosesTokens: true,
  },
  classification: {
    formats: ['classification'],
    sets: [],
    otherData: {
      line: 'the model is a classifier and needs data with a class for each row; import the data again with its text and label columns',
      field: (model) => `${model} is a classifier and needs a class for each row.`,
    },
    // Texts that share a row would have one score together.
    noPacking: {
      line: 'a classifier scores whole rows, so each text needs a row of its own; switch packing off',
      field: 'A classifier scores whole rows: switch it off.',
    },
    choosesTokens: false,
  },
  'class-prompts': ofPictures,
  'image-captions': ofPictures,
  'caption-matches': ofPictures,
  noise: {
    ...ofPictures,
    sets: ['captions', 'subject'],
    otherData: {
      line: 'the model draws pictures, and the data has texts alone; choose a model of text, or import pictures',
      field: (model) => `${model} draws pictures, and this has texts alone.`,
    },
  },
  'picture-embeddings': ofInstruments,
};

/** What decides whether a model can be trained on data. */
export type Judged = Pick<DatasetFormat, 'kind'> | Pick<PicturesFormat, 'kind' | 'classes' | 'subject'>;

/** Whether a model can be trained on data of a format. */
export const takesFormat = (objective: ObjectiveName, format: Judged): boolean => {
  const { formats, sets } = objectiveFacts[objective];
  return formats.includes(format.kind) && (format.kind !== 'pictures' || sets.includes(setKindOf(format)));
};

/** Of pictures that a model of pictures can't be trained on, by what they are. */
const otherSets: Readonly<Record<SetKind, ObjectiveFacts['otherData']>> = {
  classes: {
    line: 'the pictures have classes, and the model draws pictures; import them as pictures of a subject, or with a caption each',
    field: (model) => `Has pictures of classes; ${model} draws, and learns a subject or captions.`,
  },
  captions: {
    line: 'the pictures have captions, and the model needs classes; import them with a column label',
    field: (model) => `Has pictures with captions; ${model} needs classes.`,
  },
  subject: {
    line: 'the pictures are of a subject, to train a model that draws, and the model compares pictures with texts; import them as pictures of classes, or with a caption each',
    field: (model) => `Has pictures of a subject; ${model} compares pictures with texts.`,
  },
};

/** Of data that a model of text can't be trained on at all. */
const picturesInstead: ObjectiveFacts['otherData'] = {
  line: 'the data are pictures, and the model sees text alone; choose a model that compares pictures with texts (CLIP)',
  field: (model) => `Has pictures; ${model} sees text alone.`,
};

/** What a person is told of data that a model can't be trained on, in a line of its own and beside the field of a form; null for data that fit. */
export const otherDataOf = (objective: ObjectiveName, format: Judged): ObjectiveFacts['otherData'] | null => {
  if (takesFormat(objective, format)) return null;
  const { formats, otherData } = objectiveFacts[objective];
  if (format.kind === 'pictures' && formats.includes('pictures')) return otherSets[setKindOf(format)];
  return format.kind === 'pictures' && formats.length > 0 ? picturesInstead : otherData;
};
