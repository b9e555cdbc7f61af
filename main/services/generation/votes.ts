import { invalidInput } from '../../engine/errors.ts';
import type { VoteRecord } from '../../store/repositories/votes.ts';
import type { Store } from '../../store/store.ts';
import { findAdapter } from '../adapters/find-adapter.ts';
import { findModel } from '../library/models.ts';
import type { Tally, Vote } from '../shared/generation-entities.ts';
import { createId, now } from '../shared/identifiers.ts';
import { preferenceLevel, preferenceOf } from './preference.ts';

/** What the model itself is called beside its adapters. */
const baseName = 'base model';

/** Keeps a vote, with what was asked and answered. @returns the tally of its pair */
export const castVote = (store: Store, { modelId, left, right, choice, prompt, settings }: Vote): Tally => {
  const { id: model, name: modelName } = findModel(store, modelId);
  const [leftId, rightId] = [left, right].map(({ adapterId }) => {
    if (adapterId === null) return null;
    const adapter = findAdapter(store, adapterId);
    if (adapter.modelId === model) return adapter.id;
    throw invalidInput(`the adapter "${adapter.name}" is of another model than "${modelName}"`);
  }) as [string | null, string | null];
  if (leftId === rightId)
    throw invalidInput('left and right are the same; there is nothing to choose between');
  const nameOf = (adapterId: string | null): string =>
    adapterId === null ? baseName : findAdapter(store, adapterId).name;
  store.votes.insert({
    id: createId(),
    modelId: model,
    leftAdapterId: leftId,
    rightAdapterId: rightId,
    leftName: nameOf(leftId),
    rightName: nameOf(rightId),
    choice,
    leftAnswer: left.answer,
    rightAnswer: right.answer,
    prompt,
    settings,
    createdAt: now(),
  });
  const key = pairKey(leftId, rightId);
  return listTallies(store, model).find(({ pair }) => pairKey(pair[0].adapterId, pair[1].adapterId) === key)!;
};

/** The votes on each pair of a model's arms, in the order in which the pairs were first voted on. */
export const listTallies = (store: Store, modelId: string): Tally[] => {
  const { id, name } = findModel(store, modelId);
  const pairs = Map.groupBy(store.votes.ofModel(id), ({ leftAdapterId, rightAdapterId }) =>
    pairKey(leftAdapterId, rightAdapterId),
  );
  return [...pairs.values()].map((votes) => ({ modelId: id, modelName: name, ...tallyOf(votes) }));
};

/** Whichever side each stood on. The base comes first. */
const pairKey = (left: string | null, right: string | null): string =>
  JSON.stringify([left ?? '', right ?? ''].toSorted());

const tallyOf = (votes: readonly VoteRecord[]): Omit<Tally, 'modelId' | 'modelName'> => {
  const { leftAdapterId, rightAdapterId, leftName, rightName } = votes.at(-1)!; // the latest names
  const [first, second] = [
    { adapterId: leftAdapterId, name: leftName },
    { adapterId: rightAdapterId, name: rightName },
  ].toSorted((a, b) => ((a.adapterId ?? '') < (b.adapterId ?? '') ? -1 : 1)) as [
    Tally['pair'][0],
    Tally['pair'][1],
  ];
  const winsOf = (adapterId: string | null): number =>
    votes.filter(
      (vote) =>
        (vote.choice === 'left' && vote.leftAdapterId === adapterId) ||
        (vote.choice === 'right' && vote.rightAdapterId === adapterId),
    ).length;
  const wins: [number, number] = [winsOf(first.adapterId), winsOf(second.adapterId)];
  const { p, verdict } = preferenceOf([first.name, second.name], wins);
  return {
    pair: [first, second],
    wins,
    ties: votes.filter(({ choice }) => choice === 'tie').length,
    bothBad: votes.filter(({ choice }) => choice === 'both-bad').length,
    votes: votes.length,
    p,
    verdict: p !== null && p < preferenceLevel ? `${verdict} ${caution}` : verdict,
  };
};

const caution = 'Looking after each vote and stopping when it suits makes p too small.';
