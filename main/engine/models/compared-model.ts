import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { invalidInput } from '../errors.ts';
import type { PictureObjectiveName } from '../objective-names.ts';
import type { ModelArchitecture, PictureEmbedder, RowInput, Towers } from './architecture.ts';
import { compareTowers, embeddings } from './blocks/two-towers.ts';
import { listWeights, type Model } from './model.ts';

/** The towers of a model. @throws invalid-input where it has none */
export const towersOf = ({ name, towers }: ModelArchitecture): Towers => {
  if (towers) return towers;
  throw invalidInput(
    `a ${name} model sees text alone; pictures are compared with texts by models such as CLIP`,
  );
};

/** What makes vectors of pictures in a model, whatever else it has. @throws invalid-input where nothing does */
export const embedderOf = (architecture: ModelArchitecture): PictureEmbedder =>
  architecture.embedder ?? { ...towersOf(architecture), at: null };

/** The side in pixels that a model's pictures have to have; null where it takes squares of any size. @throws as embedderOf */
export const viewedSide = (architecture: ModelArchitecture): number | null => {
  const { at, pictures } = embedderOf(architecture);
  return at === null ? pictures.input.shape.at(-1)! : null;
};

/** A model that embeds pictures, for pictures of that side, in pixels. @throws invalid-input where it sees them at one size alone */
export const embeddingAt = (model: Model, side: number): Model => {
  const { architecture } = model;
  const embedder = embedderOf(architecture);
  const own = embedder.pictures.input.shape.at(-1)!;
  if (side === own) return model;
  if (embedder.at === null)
    throw invalidInput(
      `a ${architecture.name} model sees pictures of ${own} x ${own} pixels, not ${side} x ${side}`,
    );
  const other = { ...architecture, embedder: { ...embedder, pictures: embedder.at(side) } };
  return { ...model, architecture: other };
};

/**
 * The model as a run has it: what it is trained for, and how many texts each picture is compared with.
 * @throws invalid-input for a model of text
 */
export const comparedWith = (model: Model, objective: PictureObjectiveName, texts: number): Model => {
  towersOf(model.architecture);
  return { ...model, architecture: { ...model.architecture, objective, outputs: texts } };
};

/** Half of a model that compares pictures with texts. */
export type Side = 'pictures' | 'texts';

const given = (g: GraphBuilder, { name, shape }: RowInput, rows: string): Value =>
  g.input(name, 'float32', [rows, ...shape]);

const embeddingInputs: Readonly<Record<Side, string>> = {
  pictures: 'picture_embeddings',
  texts: 'text_embeddings',
};

/** Whether a tower's embeddings are given in its place. */
export const isGiven = ({ architecture }: Pick<Model, 'architecture'>, side: Side): boolean =>
  towersOf(architecture)[side].input?.name === embeddingInputs[side];

const embeddingsInstead: Readonly<Record<Side, (towers: Towers) => Towers>> = {
  pictures: (towers) => {
    const input = { name: embeddingInputs.pictures, shape: [towers.width] };
    return { ...towers, pictures: { input, positions: 1, embed: ({ g }) => given(g, input, 'images') } };
  },
  texts: (towers) => {
    const input = { name: embeddingInputs.texts, shape: [towers.width] };
    return { ...towers, texts: { ...towers.texts, input, embed: ({ g }) => given(g, input, 'batch') } };
  },
};

/** One of the model's towers by itself: its hidden states are the embeddings, of any length, and its head leaves them as they are. */
export const onlyTower = (model: Model, side: Side): Model => {
  const tower =
    side === 'pictures' ? embedderOf(model.architecture).pictures : towersOf(model.architecture)[side];
  const architecture: ModelArchitecture = {
    ...model.architecture,
    forward: (context) => embeddings(tower.embed(context)),
  };
  return { ...model, architecture, ...listWeights(architecture) };
};

/**
 * The model without one of its towers, whose embeddings are given: made once (`embedSide`) where the tower is frozen and sees the same
 * again and again. It has the sites of the other tower only, so settings that name others are refused.
 */
export const withEmbeddings = (model: Model, side: Side): Model => {
  const towers = embeddingsInstead[side](towersOf(model.architecture));
  const architecture: ModelArchitecture = {
    ...model.architecture,
    towers,
    forward: (context) => compareTowers(towers, context),
  };
  return { ...model, architecture, ...listWeights(architecture) };
};
