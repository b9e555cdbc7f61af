import { towersOf } from '../../models/compared-model.ts';
import {
  pictureSide,
  textSide,
  type SideOfBatch,
  type TextRow,
} from '../../objectives/pictures/row-tensors.ts';
import { createSession, type Session } from '../../runtime/session.ts';
import type { BaseInputs } from '../../train/model/base-inputs.ts';
import { scoresGraph } from '../../train/model/loss-graph.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';
import { foldSubject, shapeKey } from '../subjects/fold-subject.ts';
import { isPlain } from '../subjects/on-part.ts';
import { comparedPart, type ComparedPart } from './compared-part.ts';

/** Subjects on one model of pictures and texts, each of which embeds and compares. Subjects are told by their places. */
export interface TowerScorer {
  /** @param pictures what the picture tower takes of each @returns the embedding of each (width), of any length */
  readonly embedPictures: (subject: number, pictures: readonly Float32Array[]) => Promise<Float32Array[]>;
  /** @param texts token ids @returns the embedding of each (width), of any length */
  readonly embedTexts: (subject: number, texts: readonly (readonly number[])[]) => Promise<Float32Array[]>;
  /** @returns of each picture its logit for each text, as the model has it */
  readonly logits: (
    subject: number,
    pictures: readonly Float32Array[],
    texts: readonly Float32Array[],
  ) => Promise<Float32Array[]>;
  /** Whether two subjects have the same part: neither has anything of its own there. */
  readonly isBase: (subject: number, part: ComparedPart) => boolean;
  readonly release: () => Promise<void>;
}

export interface TowerScorerOptions {
  /** All on one model, compared as `class-prompts` has it. */
  readonly subjects: readonly TrainedModel[];
  readonly padId: number;
  readonly threads: number | null;
}

interface OpenPart {
  readonly session: Session;
  readonly folded: BaseInputs;
}

/** Parts are compiled when they are first asked for; subjects whose adapters have one shape share what is compiled. */
export const createTowerScorer = ({ subjects, padId, threads }: TowerScorerOptions): TowerScorer => {
  const compiled = new Map<string, Promise<Session>>();
  const open = new Map<string, Promise<OpenPart>>();

  const sessionOf = (part: ComparedPart, subject: TrainedModel): Promise<Session> => {
    const key = `${part} ${shapeKey(subject)}`;
    const known = compiled.get(key);
    if (known) return known;
    const positions = subject.model.architecture.maximumPositions;
    const made = createSession(scoresGraph(subject, { positions }), { threads });
    compiled.set(key, made);
    return made;
  };
  const openPart = async (part: ComparedPart, subject: TrainedModel): Promise<OpenPart> => ({
    folded: await foldSubject(subject),
    session: await sessionOf(part, subject),
  });
  const partOf = (at: number, part: ComparedPart): Promise<OpenPart> => {
    const key = `${part} ${at}`;
    const known = open.get(key);
    if (known) return known;
    const made = openPart(part, comparedPart(subjects[at]!, part));
    open.set(key, made);
    return made;
  };
  const run = async (
    at: number,
    part: ComparedPart,
    tensors: SideOfBatch['tensors'],
    rows: number,
  ): Promise<Float32Array[]> => {
    const { session, folded } = await partOf(at, part);
    const { logits } = await session.run({ ...tensors, ...folded });
    const data = logits!.data as Float32Array;
    const width = data.length / rows;
    return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
  };
  const towers = (at: number, part: ComparedPart) =>
    towersOf(comparedPart(subjects[at]!, part).model.architecture);
  const texts = (at: number, part: ComparedPart, rows: readonly TextRow[]): SideOfBatch =>
    textSide(towers(at, part).texts, rows, padId);

  return {
    embedPictures: (at, pictures) => {
      const { tensors, rows } = pictureSide(towers(at, 'pictures').pictures, pictures);
      return run(at, 'pictures', tensors, rows);
    },
    embedTexts: (at, rows) => run(at, 'texts', texts(at, 'texts', rows).tensors, rows.length),
    logits: (at, pictures, rows) => {
      const side = pictureSide(towers(at, 'comparison').pictures, pictures);
      const { tensors } = texts(at, 'comparison', rows);
      return run(at, 'comparison', { ...side.tensors, ...tensors }, side.rows);
    },
    isBase: (at, part) => isPlain(comparedPart(subjects[at]!, part)),
    release: async () => {
      for (const session of compiled.values()) await (await session).release();
    },
  };
};
