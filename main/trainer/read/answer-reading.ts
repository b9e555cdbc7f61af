import { statSync } from 'node:fs';
import { defaultChatTemplate } from '../../engine/data/chat/chat-template.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFile } from '../../engine/formats/file-hash.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { readModelFiles } from '../../engine/formats/model-identity.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import type { ReadAnswer, ReadKind, ReadQuestion } from '../protocol/read-schema.ts';
import { describeDataset } from './describe-dataset.ts';
import type { PicturesChoice } from '../../engine/data/pictures/subject-format.ts';
import { describePictures, hashPictures, openingOf } from './describe-pictures.ts';
import { isOfPictures } from '../../engine/data/pictures/sets/recognise-pictures.ts';
import { checkFit, describeLayers } from './describe-layers.ts';
import { describeFolder, weightBytes } from './describe-model.ts';
import { inspectFile } from './inspect-file.ts';
import { readClassPrompts } from './pictures/class-prompts.ts';
import { listDrawn, showDrawn } from './pictures/drawn.ts';
import { inspectPictures } from './pictures/inspect-pictures.ts';
import { readBuckets, readFramed } from './pictures/frames.ts';
import { countClasses, listPictures } from './pictures/list-pictures.ts';
import { describeView } from './pictures/model-view.ts';
import { openKept } from './pictures/kept-set.ts';
import { readSharedPictures } from './pictures/shared-pictures.ts';
import { readThumbnails } from './pictures/thumbnails.ts';
import { previewImported } from './preview-dataset.ts';
import { ignoreProgress, type OnProgress } from './progress.ts';

type Of<Kind extends ReadKind> = Omit<Extract<ReadQuestion, { kind: Kind }>, 'kind'>;
type Told<Kind extends ReadKind> = Omit<ReadAnswer<Kind>, 'kind'>;

type Answerers = {
  readonly [Kind in ReadKind]: (
    question: Of<Kind>,
    onProgress: OnProgress,
  ) => Told<Kind> | Promise<Told<Kind>>;
};

/** Each weight is read twice: once for what it holds, once for the hash of its file. */
const readModel: Answerers['model'] = async ({ directory }, onProgress) => {
  const folder = openModelFolder(directory);
  const described = describeFolder(folder);
  const weights = weightBytes(folder);
  let done = 0;
  assertFinite(folder, (bytes) => onProgress((done += bytes), 2 * weights));
  const files = await readModelFiles(folder.directory, {
    onRead: (read, of) => onProgress(weights + read, weights + of),
  });
  return { described, files };
};

const hashFiles: Answerers['hashes'] = async ({ files }, onProgress) => {
  const total = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  let done = 0;
  const hashes: string[] = [];
  for (const file of files)
    hashes.push(await sha256OfFile(file, (bytes) => onProgress((done += bytes), total)));
  return { hashes };
};

/** What a person says of columns makes it rows of text; pictures are told by what is there. */
const readDataset: Answerers['dataset'] = async (question, onProgress) => {
  const { format, trainFile, pictures } = question;
  if (format === undefined && isOfPictures(trainFile))
    return { described: await describePictures(question, onProgress) };
  refuseChoice(trainFile, pictures);
  if (question.skipBroken === true)
    throw new WorkbenchError(
      'unsupported',
      `skipBroken: ${trainFile} has no pictures; rows of text that can't be read are never left out`,
    );
  return { described: describeDataset(question, onProgress) };
};

/** @throws WorkbenchError unsupported where something is said of pictures that are none */
const refuseChoice = (trainFile: string, pictures: PicturesChoice | undefined): void => {
  if (pictures !== undefined && Object.values(pictures).some((choice) => choice !== undefined))
    throw new WorkbenchError('unsupported', `pictures: ${trainFile} has none; leave out what they are`);
};

const inspect: Answerers['inspection'] = async (question) => {
  const { format, trainFile, pictures } = question;
  if (format === undefined && isOfPictures(trainFile))
    return { inspection: await inspectPictures(trainFile, pictures && openingOf(pictures)) };
  refuseChoice(trainFile, pictures);
  return { inspection: inspectFile(question) };
};

const answerers: Answerers = {
  dataset: readDataset,
  inspection: inspect,
  preview: (question) => ({ preview: previewImported(question) }),
  model: readModel,
  'chat-templates': ({ directory }) => {
    const { chatTemplate, toolChatTemplate } = loadTokenizer(directory);
    return {
      templates: {
        template: chatTemplate ?? defaultChatTemplate,
        isOwn: chatTemplate !== undefined,
        forTools: toolChatTemplate ?? null,
      },
    };
  },
  layers: ({ directory }) => ({ layers: describeLayers(directory) }),
  fit: ({ directory, configurations }) => {
    checkFit(directory, configurations);
    return { checked: configurations.length };
  },
  'model-files': async ({ directory, known }, onProgress) => ({
    files: await readModelFiles(directory, { known, onRead: onProgress }),
  }),
  hashes: hashFiles,
  'pictures-hash': async ({ cacheDirectory = null, ...imported }, onProgress) => ({
    sha256: await hashPictures({ ...imported, cacheDirectory }, onProgress),
  }),
  'class-counts': async ({ dataset }) => ({ classes: countClasses(await openKept(dataset)) }),
  pictures: async (question) => ({ page: await listPictures(question) }),
  thumbnails: async (question) => ({ thumbnails: await readThumbnails(question) }),
  'class-prompts': (question) => ({ asked: readClassPrompts(question) }),
  'picture-view': ({ directory }) => ({ view: describeView(directory) }),
  drawn: ({ folder }) => ({ pictures: listDrawn(folder) }),
  'drawn-pictures': async ({ files }) => ({ images: await showDrawn(files) }),
  'shared-pictures': async ({ dataset }, onProgress) => ({
    found: await readSharedPictures(dataset, onProgress),
  }),
  buckets: async (question, onProgress) => ({ found: await readBuckets(question, onProgress) }),
  'framed-pictures': async (question) => ({ page: await readFramed(question) }),
};

/**
 * Reads files that a person gave and says what was asked of them.
 * @throws WorkbenchError naming the file, line or field
 */
export const answerReading = async <Question extends ReadQuestion>(
  { kind, ...question }: Question,
  onProgress: OnProgress = ignoreProgress,
): Promise<ReadAnswer<Question['kind']>> => {
  // Kind by kind the types are held above; here is only known that question and answerer go together.
  const told = await answerers[kind](question as never, onProgress);
  return { kind, ...told } as unknown as ReadAnswer<Question['kind']>;
};
