import {
  activationMatrices,
  activationMatrixSchema,
  type ActivationMatrix,
} from '../../../../engine/adapters/description/activation-matrix.ts';
import {
  definition,
  lora,
  nora,
  powersUpTo,
  rateTuning,
  smallestSide,
  usualRanks,
  type ComparisonTemplate,
} from './template.ts';

const ofAnyData = { datasetFormat: null, tasks: [] } as const;

/** Sizes differ on purpose: they are the question. */
const sizesAreTheQuestion = { accepted: ['unequal-size'] };

const equalParameters: ComparisonTemplate = {
  name: 'equal-parameters',
  title: 'LoRA against NoRA at equal parameters',
  description:
    'Which of the two is better when both train as many numbers, each at the learning rate that suits it?',
  ...ofAnyData,
  make: (request) => {
    const ranks = usualRanks(request);
    return definition(
      equalParameters.title,
      request,
      [
        { name: 'LoRA', adapter: lora(ranks.lora) },
        { name: 'NoRA', adapter: nora(ranks.outer, ranks.inner) },
      ],
      { matching: { by: 'trained-parameters' }, tuning: rateTuning },
    );
  },
};

const equalRank: ComparisonTemplate = {
  name: 'equal-rank',
  title: 'LoRA against NoRA at equal rank',
  description:
    'What does NoRA give up, or gain, when its learned delta has the rank of LoRA’s and a part of its parameters?',
  ...ofAnyData,
  make: (request) => {
    const { lora: rank, outer } = usualRanks(request);
    return definition(
      equalRank.title,
      request,
      [
        { name: 'LoRA', adapter: lora(rank) },
        { name: 'NoRA', adapter: nora(outer, rank) },
      ],
      { tuning: rateTuning, ...sizesAreTheQuestion },
    );
  },
};

const rankLadder: ComparisonTemplate = {
  name: 'rank-ladder',
  title: 'Rank ladder',
  description: 'How much rank does LoRA need on this data before more of it no longer helps?',
  ...ofAnyData,
  make: (request) => {
    const ranks = powersUpTo(Math.min(64, smallestSide(request)));
    // Every other step: the ends are what is asked for.
    const steps = ranks.filter((_, at) => (ranks.length - 1 - at) % 2 === 0);
    return definition(
      rankLadder.title,
      request,
      (steps.length > 1 ? steps : ranks).map((rank) => ({ name: `LoRA r${rank}`, adapter: lora(rank) })),
      { tuning: rateTuning, ...sizesAreTheQuestion },
    );
  },
};

const innerRankLadder: ComparisonTemplate = {
  name: 'inner-rank-ladder',
  title: 'Inner rank ladder',
  description: 'With NoRA’s frozen outer pair as it is, how much inner rank is worth its parameters?',
  ...ofAnyData,
  make: (request) => {
    const { outer } = usualRanks(request);
    const ranks = powersUpTo(outer);
    return definition(
      innerRankLadder.title,
      request,
      ranks
        .filter((_, at) => ranks.length <= 5 || at % 2 === 0 || at === ranks.length - 1)
        .map((inner) => ({ name: `NoRA ${outer}/${inner}`, adapter: nora(outer, inner) })),
      { tuning: rateTuning, ...sizesAreTheQuestion },
    );
  },
};

const kinds = Object.keys(activationMatrices) as ActivationMatrix['kind'][];

const matrices: ComparisonTemplate = {
  name: 'activation-matrices',
  title: 'AwSVD against its alternatives',
  description:
    'Does it matter which matrix weighs the decomposition that NoRA starts from? Nine of them and two controls, alike in all else.',
  ...ofAnyData,
  make: (request) => {
    const { outer, inner } = usualRanks(request);
    return definition(
      matrices.title,
      request,
      kinds.map((kind) => ({
        name: activationMatrices[kind].title,
        adapter: nora(outer, inner, { activationMatrix: activationMatrixSchema.parse({ kind }) }),
      })),
      { tuning: rateTuning },
    );
  },
};

const savings: ComparisonTemplate = {
  name: 'savings',
  title: 'Fewer parameters: do they save time or memory?',
  description:
    'What adapters of very different sizes take: seconds of a step and of the start, memory, and bytes on the disk.',
  ...ofAnyData,
  make: (request) => {
    const { lora: rank, outer, inner } = usualRanks(request);
    const small = { alpha: 2 * outer };
    return definition(
      savings.title,
      request,
      [
        { name: `LoRA r${rank}`, adapter: lora(rank) },
        ...(rank > 1 ? [{ name: 'LoRA r1', adapter: lora(1) }] : []),
        { name: 'LoRA-FA', adapter: { ...lora(rank), method: 'lorafa' as const } },
        { name: 'DoRA', adapter: { ...lora(rank), method: 'dora' as const } },
        { name: `NoRA ${outer}/${inner}`, adapter: nora(outer, inner) },
        ...(inner > 1 ? [{ name: `NoRA ${outer}/1`, adapter: nora(outer, 1) }] : []),
        { name: 'LoRA-XS', adapter: { method: 'loraxs' as const, rank: outer, ...small } },
        { name: 'VeRA', adapter: { method: 'vera' as const } },
      ],
      // Memory is asked for, and a process has one peak.
      { ...sizesAreTheQuestion, sideBySide: 1 },
    );
  },
};

/** Designs for any data. */
export const designs: readonly ComparisonTemplate[] = [
  equalParameters,
  equalRank,
  rankLadder,
  innerRankLadder,
  matrices,
  savings,
];
