import type { Orientation } from '../../engine/data/pictures/decode/decoding.ts';
import { sequentialPictures, examplesOf } from '../../engine/data/pictures/loading/picture-loader.ts';
import type { PictureEntry } from '../../engine/data/pictures/sets/picture-set.ts';
import { readView } from '../../engine/data/pictures/views/read-view.ts';
import { sizeOfView, type PictureView } from '../../engine/data/pictures/views/picture-view.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { embedderOf, embeddingAt, viewedSide } from '../../engine/models/compared-model.ts';
import { readModel, type Model } from '../../engine/models/model.ts';
import { embedSide } from '../../engine/objectives/pictures/embed-side.ts';
import { pictureSide } from '../../engine/objectives/pictures/row-tensors.ts';
import type { UnitRows } from '../../engine/scoring/fidelity/fidelity.ts';
import { pictureMeasures } from '../../engine/scoring/fidelity/measures.ts';
import { scoreEntry } from '../../engine/scoring/scores.ts';
import { unitRows } from '../../engine/scoring/pictures/map-embeddings.ts';
import { captionTexts } from '../run/pictures/caption-texts.ts';
import { embedTexts } from '../run/pictures/embed-texts.ts';

/** A model that measures pictures. */
export interface Instrument {
  /** What people call what it measures pictures against pictures by, and against texts; null where it reads none. */
  readonly subject: string;
  readonly prompt: string | null;
  readonly notices: readonly string[];
  /** @throws WorkbenchError naming a picture that can't be read or gives no numbers */
  readonly pictures: (asked: AskedPictures) => Promise<UnitRows>;
  /** Of a model with texts. @returns a row for each, and how many were longer than it takes */
  readonly texts: (texts: readonly string[]) => Promise<{ readonly rows: UnitRows; readonly cut: number }>;
}

export interface AskedPictures {
  /** That the names of entries are within. */
  readonly folder: string;
  readonly entries: readonly PictureEntry[];
  /** A camera's picture is turned as its mark says, and lies on its side otherwise. */
  readonly orientation: Orientation;
}

interface InstrumentOptions {
  readonly batchSize: number;
  readonly threads: number | null;
  /** Told between portions, so many pictures later; what it throws ends it. */
  readonly breathe: (pictures: number) => Promise<void>;
}

/** What a model measures pictures by. */
type Measures = Pick<Instrument, 'subject' | 'prompt'>;

const measuresOfModel = ({ architecture: { name } }: Model, directory: string): Measures => {
  const known = pictureMeasures[name];
  if (known !== undefined)
    return {
      subject: scoreEntry(known.subject).label,
      prompt: known.prompt && scoreEntry(known.prompt).label,
    };
  throw new WorkbenchError(
    'unsupported',
    `${directory}: a ${name} model sees no pictures; drawn ones are measured by CLIP, SigLIP, DINO and DINOv2`,
  );
};

/** Without opening it for good. @throws as openInstrument does */
export const measuresOf = (directory: string): Measures =>
  measuresOfModel(readModel(openModelFolder(directory)), directory);

/** @throws WorkbenchError naming what can't be read; unsupported for a model that sees no pictures */
export const openInstrument = (directory: string, options: InstrumentOptions): Instrument => {
  const folder = openModelFolder(directory);
  const read = readModel(folder);
  const known = measuresOfModel(read, directory);
  const view = readView(folder.directory, viewedSide(read.architecture));
  assertFinite(folder);
  const model = embeddingAt(read, sizeOfView(view).width);
  return {
    ...known,
    notices: read.notices,
    pictures: (asked) => embedPictures(model, view, asked, options),
    texts: (texts) => embedPrompts(model, directory, texts, options),
  };
};

const embedPictures = async (
  model: Model,
  view: PictureView,
  asked: AskedPictures,
  { batchSize, threads, breathe }: InstrumentOptions,
): Promise<UnitRows> => {
  const { pictures } = embedderOf(model.architecture);
  const seen = sequentialPictures({ ...asked, view, batchSize });
  const batches = async function* () {
    for await (const batch of seen) {
      await breathe(batch.entries.length);
      yield pictureSide(
        pictures,
        examplesOf(batch).map(({ picture }) => picture()),
      );
    }
  };
  const rows = await embedSide(model, 'pictures', batches(), { threads });
  const broken = rows.findIndex((row) => !row.every(Number.isFinite));
  if (broken !== -1)
    throw invalidInput(
      `${asked.entries[broken]!.place}: the ${model.architecture.name} model gives no numbers for it`,
    );
  return unitRows(rows);
};

const embedPrompts = async (
  model: Model,
  directory: string,
  texts: readonly string[],
  { threads, breathe }: InstrumentOptions,
): Promise<{ rows: UnitRows; cut: number }> => {
  const each = [...new Set(texts)];
  const encoded = captionTexts(each, loadTokenizer(directory), model.architecture);
  const onPortion = (): Promise<void> => breathe(0);
  const rows = await embedTexts(model, encoded, { threads, device: 'cpu', onPortion });
  const placed = texts.map((text) => rows[each.indexOf(text)] as Float32Array);
  return { rows: unitRows(placed), cut: encoded.cut };
};
