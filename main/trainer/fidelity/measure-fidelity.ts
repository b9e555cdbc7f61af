import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  drawnKey,
  readDrawn,
  readPictures,
  type DrawnFolder,
} from '../../engine/data/pictures/drawn/drawn-folder.ts';
import { invalidInput } from '../../engine/errors.ts';
import {
  diversity,
  promptFidelity,
  subjectFidelity,
  withoutWord,
  type UnitRows,
} from '../../engine/scoring/fidelity/fidelity.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import type { FidelityMeasured, FidelitySpecification } from '../protocol/fidelity-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import { openInstrument, type Instrument } from './instrument.ts';

/** Measures every picture of every folder by every model: one model after the other is in memory. */
export const measureFidelity = async (
  specification: FidelitySpecification,
  { emit, shouldStop }: JobContext,
): Promise<void> => {
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const folders = specification.folders.map(readDrawn);
  const real = { folder: specification.subject, pictures: readPictures(specification.subject) };
  const ofModel = real.pictures.length + folders.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const total = ofModel * specification.models.length;
  let done = 0;
  const breathe = async (pictures: number): Promise<void> => {
    emit({ type: 'progress', phase: 'scoring', done, total });
    done += pictures;
    await nextTurn();
    if (shouldStop() !== null) throw new Stopped();
  };
  const measured: Measured[] = [];
  try {
    for (const { directory, ...known } of specification.models) {
      const { batchSize, threads } = specification;
      const instrument = openInstrument(directory, { batchSize, threads, breathe });
      measured.push(await measuredBy(instrument, folders, real, specification.leaveOut));
      await assertModelStayed({ modelDirectory: directory, ...known });
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return emit({ type: 'cancelled', step: done });
  }
  emit({
    type: 'fidelity',
    folders: folders.map(({ pictures }) =>
      pictures.map((picture) => {
        const { name, prompt, seed } = picture;
        return { name, key: drawnKey(picture), prompt, seed };
      }),
    ),
    realPictures: real.pictures.length,
    measures: measured.flatMap(({ measures }, model) => measures.map((one) => ({ model, ...one }))),
    diversity: measured.map((one) => one.diversity),
    notices: [...new Set(measured.flatMap(({ notices }) => notices))],
  });
};

/** Nobody waits for it any more. */
class Stopped extends Error {}

interface Measured {
  readonly measures: readonly Omit<FidelityMeasured['measures'][number], 'model'>[];
  readonly diversity: (number | null)[];
  readonly notices: readonly string[];
}

const measuredBy = async (
  instrument: Instrument,
  folders: readonly DrawnFolder[],
  real: Pick<DrawnFolder, 'folder'> & { readonly pictures: Parameters<Instrument['pictures']>[1] },
  leaveOut: string | null,
): Promise<Measured> => {
  const subject = await instrument.pictures(real.folder, real.pictures);
  const drawn: UnitRows[] = [];
  for (const { folder, pictures } of folders) drawn.push(await instrument.pictures(folder, pictures));
  const ofPrompts = await measuredByPrompts(instrument, folders, drawn, leaveOut);
  return {
    measures: [
      {
        name: instrument.subject,
        of: 'subject',
        values: drawn.map((rows) => subjectFidelity(rows, subject)),
      },
      ...ofPrompts.measures,
    ],
    diversity: drawn.map((rows, at) =>
      diversity(
        rows,
        folders[at]!.pictures.map(({ prompt }) => prompt),
      ),
    ),
    notices: [...instrument.notices, ...ofPrompts.notices],
  };
};

const measuredByPrompts = async (
  { prompt: name, texts }: Instrument,
  folders: readonly DrawnFolder[],
  drawn: readonly UnitRows[],
  leaveOut: string | null,
): Promise<Pick<Measured, 'measures' | 'notices'>> => {
  if (name === null) return { measures: [], notices: [] };
  const without = folders.flatMap(({ pictures }) => pictures).find(({ prompt }) => prompt === null);
  if (without !== undefined)
    return {
      measures: [],
      notices: [
        `${name} was not measured: nothing says what ${without.place} was drawn of; write its prompt into a .txt beside it`,
      ],
    };
  const values: number[][] = [];
  let cut = 0;
  for (const [at, { pictures }] of folders.entries()) {
    const asked = pictures.map((picture) => askedOf(picture.prompt!, leaveOut, picture.place));
    const embedded = await texts(asked);
    cut += embedded.cut;
    values.push(promptFidelity(drawn[at]!, embedded.rows));
  }
  return {
    measures: [{ name, of: 'prompt', values }],
    notices: cut === 0 ? [] : [`${name}: ${cut} prompts are longer than the model takes, and lost their end`],
  };
};

const askedOf = (prompt: string, leaveOut: string | null, place: string): string => {
  const asked = leaveOut === null ? prompt : withoutWord(prompt, leaveOut);
  if (asked !== '') return asked;
  throw invalidInput(`${place}: nothing is left of its prompt without "${leaveOut}"`);
};
