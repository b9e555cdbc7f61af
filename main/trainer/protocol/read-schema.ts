import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { dateSchema } from '../../engine/data/chat/template-date.ts';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';
import { picturesFormatSchema } from '../../engine/data/pictures/pictures-format.ts';
import { picturesChoiceSchema } from '../../engine/data/pictures/subject-format.ts';
import { framingSchema } from '../../engine/data/pictures/buckets/framing.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { layerPlaceSchema, linearLayerSchema, layerGroupSchema, modelPartSchema } from './layer-schema.ts';
import { objectiveNames } from '../../engine/objective-names.ts';
import { describedDatasetSchema, describedModelSchema, drawnSidesSchema } from './described-schema.ts';
import { bucketsSchema, framedPageSchema } from './framing-schema.ts';
import { inspectionSchema } from './inspection-schema.ts';
import {
  classCountSchema,
  classPromptsSchema,
  edgeSchema,
  partNameSchema,
  picturesInspectionSchema,
  picturesPageSchema,
  pictureViewSchema,
  sharedPicturesSchema,
  shownPictureSchema,
  thumbnailSchema,
} from './pictures-schema.ts';
import { previewSchema } from './preview-schema.ts';

/** A model of the library, as far as its tokens go. */
const tokensOfSchema = z.strictObject({
  directory: z.string(),
  vocabularySize: z.int(),
  objective: z.enum(objectiveNames),
});

/** How rows are shown as a model sees them. */
const showingSchema = z.strictObject({
  /** In tokens: longer examples lose their end. */
  sequenceLength: z.int(),
  lossOn: z.enum(['completion', 'all']),
  date: dateSchema,
  /** From 0: the first that is looked at. */
  firstRow: z.int(),
  /** Examples. */
  count: z.int(),
  /** A chat template to try, in place of the data's or the model's. */
  template: z.string().optional(),
});

const separatorSchema = z.enum(separatorNames);

/** Pictures of the library. */
const picturesSourceSchema = z.strictObject({
  trainFile: z.string(),
  format: picturesFormatSchema,
  /** Where a set in Parquet is unpacked. */
  cacheDirectory: z.string().optional(),
});
export type PicturesSource = z.output<typeof picturesSourceSchema>;

/** What can be asked of files that a person gave. Paths are absolute. */
export const readQuestionSchema = z.discriminatedUnion('kind', [
  /** What data are: each row is read and checked. */
  z.strictObject({
    kind: z.literal('dataset'),
    trainFile: z.string(),
    validationFile: z.string().optional(),
    format: datasetFormatSchema.optional(),
    separator: separatorSchema.optional(),
    pictures: picturesChoiceSchema.optional(),
    /** Whether pictures that can't be read are left out. */
    skipBroken: z.boolean().optional(),
    /** Where is kept what makes looking at rows quick. */
    cacheDirectory: z.string().optional(),
  }),
  /** What an import would make of data, by the first rows. */
  z.strictObject({
    kind: z.literal('inspection'),
    trainFile: z.string(),
    format: datasetFormatSchema.optional(),
    separator: separatorSchema.optional(),
    pictures: picturesChoiceSchema.optional(),
    /** Whose tokens the examples are shown in. */
    model: tokensOfSchema.nullable(),
  }),
  /** The first rows as a model sees them. */
  z.strictObject({
    kind: z.literal('preview'),
    dataset: z.strictObject({
      trainFile: z.string(),
      trainSeparator: separatorSchema.nullable(),
      format: datasetFormatSchema,
    }),
    /** What an import has kept of it. */
    imported: z.strictObject({ trainSha256: z.string(), cacheDirectory: z.string() }),
    model: tokensOfSchema,
    showing: showingSchema,
  }),
  /** What a model folder is: each weight is read and checked. */
  z.strictObject({ kind: z.literal('model'), directory: z.string() }),
  z.strictObject({ kind: z.literal('chat-templates'), directory: z.string() }),
  /** A model's layers, by its headers: no weights are read. */
  z.strictObject({ kind: z.literal('layers'), directory: z.string() }),
  /** Whether adapters fit a model: one that does not is an error that names the configuration. */
  z.strictObject({
    kind: z.literal('fit'),
    directory: z.string(),
    configurations: z.array(z.strictObject({ name: z.string(), adapter: adapterSettingsSchema })),
  }),
  /** A model's files by their contents; those that look as they did when they were known are not read. */
  z.strictObject({
    kind: z.literal('model-files'),
    directory: z.string(),
    known: z.array(modelFileSchema),
  }),
  /** SHA-256 of each file. */
  z.strictObject({ kind: z.literal('hashes'), files: z.array(z.string()) }),
  /** The content of a set of pictures, as an import keeps it. */
  picturesSourceSchema.extend({
    kind: z.literal('pictures-hash'),
    /** Whether files are read that look as they did when they were read before. */
    everyByte: z.boolean().optional(),
  }),
  /** How many pictures each class has. */
  z.strictObject({ kind: z.literal('class-counts'), dataset: picturesSourceSchema }),
  /** The names of some pictures of a part, of one class or of all. */
  z.strictObject({
    kind: z.literal('pictures'),
    dataset: picturesSourceSchema,
    part: partNameSchema,
    label: z.int().nullable(),
    from: z.int(),
    count: z.int(),
  }),
  /** Pictures by their names, small: whole, or as a model sees them. */
  z.strictObject({
    kind: z.literal('thumbnails'),
    dataset: picturesSourceSchema,
    names: z.array(z.string()),
    edge: edgeSchema,
    modelDirectory: z.string().nullable(),
  }),
  /** What is asked of each class, in a model's tokens. */
  z.strictObject({
    kind: z.literal('class-prompts'),
    directory: z.string(),
    limit: z.int(),
    classes: z.array(z.string()),
    template: z.string(),
  }),
  /** How a model sees pictures. */
  z.strictObject({ kind: z.literal('picture-view'), directory: z.string() }),
  /** What is in a folder of drawn pictures. */
  z.strictObject({ kind: z.literal('drawn'), folder: z.string() }),
  /** Drawn pictures as they are, where they hold what they held. */
  z.strictObject({
    kind: z.literal('drawn-pictures'),
    files: z.array(z.strictObject({ folder: z.string(), name: z.string(), sha256: z.string() })).max(8),
  }),
  /** Pictures that show the same: all are decoded. */
  z.strictObject({ kind: z.literal('shared-pictures'), dataset: picturesSourceSchema }),
  /** In which sizes training sees pictures: the headers of all are read. */
  z.strictObject({ kind: z.literal('buckets'), dataset: picturesSourceSchema, framing: framingSchema }),
  /** Some of them as training sees them. */
  z.strictObject({
    kind: z.literal('framed-pictures'),
    dataset: picturesSourceSchema,
    framing: framingSchema,
    from: z.int(),
    count: z.int(),
    edge: edgeSchema,
    /** By which crops and mirrors are drawn. */
    seed: z.int(),
    epoch: z.int(),
    /** Whose tokens captions are counted in, and how many it takes. */
    model: z.strictObject({ directory: z.string(), limit: z.int() }).nullable(),
  }),
]);

export const chatTemplatesSchema = z.strictObject({
  template: z.string(),
  isOwn: z.boolean(),
  forTools: z.string().nullable(),
});

/** What headers say of a model's layers. */
export const modelLayersSchema = z.strictObject({
  /** As lists and forms show them. */
  targetModules: z.array(layerGroupSchema),
  drawnSides: drawnSidesSchema.nullable(),
  /** All that adapters can be put on. */
  targetLayers: z.array(layerPlaceSchema),
  /** Those whose weights the folder has, each weight once. */
  weightSites: z.array(linearLayerSchema),
  /** Of a model that draws; none of others. */
  parts: z.array(modelPartSchema),
});

export const readAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dataset'), described: describedDatasetSchema }),
  z.strictObject({
    kind: z.literal('inspection'),
    inspection: z.discriminatedUnion('kind', [inspectionSchema, picturesInspectionSchema]),
  }),
  z.strictObject({ kind: z.literal('preview'), preview: previewSchema }),
  z.strictObject({
    kind: z.literal('model'),
    described: describedModelSchema,
    files: z.array(modelFileSchema),
  }),
  z.strictObject({ kind: z.literal('chat-templates'), templates: chatTemplatesSchema }),
  z.strictObject({ kind: z.literal('layers'), layers: modelLayersSchema }),
  /** How many configurations: all fit. */
  z.strictObject({ kind: z.literal('fit'), checked: z.int() }),
  z.strictObject({ kind: z.literal('model-files'), files: z.array(modelFileSchema) }),
  z.strictObject({ kind: z.literal('hashes'), hashes: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('pictures-hash'), sha256: z.string() }),
  z.strictObject({ kind: z.literal('class-counts'), classes: z.array(classCountSchema) }),
  z.strictObject({ kind: z.literal('pictures'), page: picturesPageSchema }),
  z.strictObject({ kind: z.literal('thumbnails'), thumbnails: z.array(thumbnailSchema) }),
  z.strictObject({ kind: z.literal('class-prompts'), asked: classPromptsSchema }),
  z.strictObject({ kind: z.literal('picture-view'), view: pictureViewSchema }),
  z.strictObject({
    kind: z.literal('drawn'),
    pictures: z.array(
      z.strictObject({
        name: z.string(),
        /** By which another folder's picture of the same prompt and noise is known. */
        key: z.string(),
        prompt: z.string().nullable(),
        seed: z.int().nullable(),
        sha256: z.string(),
      }),
    ),
  }),
  z.strictObject({ kind: z.literal('drawn-pictures'), images: z.array(shownPictureSchema) }),
  z.strictObject({ kind: z.literal('shared-pictures'), found: sharedPicturesSchema }),
  z.strictObject({ kind: z.literal('buckets'), found: bucketsSchema }),
  z.strictObject({ kind: z.literal('framed-pictures'), page: framedPageSchema }),
]);

export type ModelLayers = z.output<typeof modelLayersSchema>;
export type ReadQuestion = z.output<typeof readQuestionSchema>;
export type ReadKind = ReadQuestion['kind'];
export type ReadAnswer<Kind extends ReadKind = ReadKind> = Extract<
  z.output<typeof readAnswerSchema>,
  { kind: Kind }
>;
export type TokensOf = z.output<typeof tokensOfSchema>;
export type Showing = z.output<typeof showingSchema>;
