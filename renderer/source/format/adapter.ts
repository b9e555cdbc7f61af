import { adapterMethods, targetedGroups } from '../../../main/api/contract.ts';
import type { Adapter, AdapterSettings, Model } from '../../../main/api/contract.ts';

export const methodTitle = (method: string): string =>
  Object.hasOwn(adapterMethods, method)
    ? adapterMethods[method as keyof typeof adapterMethods].title
    : method;

const targetsText = (adapter: AdapterSettings): string => {
  if (!('targetModules' in adapter)) return 'every weight';
  const { targetModules } = adapter;
  if (targetModules === 'all-linear') return 'all linear layers';
  return typeof targetModules === 'string' ? targetModules : targetModules.join(', ');
};

/** Its settings in one line. */
export const describeAdapter = (adapter: AdapterSettings): string => {
  const ranks =
    'outerRank' in adapter
      ? [`outer rank ${adapter.outerRank}, inner ${adapter.innerRank}`]
      : 'rank' in adapter
        ? [`rank ${adapter.rank}`]
        : [];
  const alpha = 'alpha' in adapter ? [`α ${adapter.alpha}`] : [];
  return [...ranks, ...alpha, targetsText(adapter)].join(', ');
};

type TargetModule = Model['targetModules'][number];

/** What a target is beside a linear layer like others; those that say something are adapted only where they are chosen. */
export const targetRoles: Record<NonNullable<TargetModule['role']>, string> = {
  hidden: '',
  embedding: 'embedding',
  head: 'output head',
  convolution: 'convolution',
};

/** The targeted layer that allows the smallest rank. */
export const narrowestModule = (model: Model, adapter: AdapterSettings): TargetModule | undefined =>
  targetedGroups(model.targetModules, adapter).toSorted((a, b) => largestRank(a) - largestRank(b))[0];

export const largestRank = ({ outFeatures, inFeatures }: TargetModule): number =>
  Math.min(outFeatures, inFeatures);

/** `0.7 × LoRA r16 − 0.3 × NoRA 64/16` */
export const partsText = (parts: NonNullable<Adapter['parts']>): string =>
  parts
    .map(({ name, weight }, at) => {
      const sign = weight < 0 ? (at === 0 ? '−' : ' − ') : at === 0 ? '' : ' + ';
      return `${sign}${Math.abs(weight)} × ${name}`;
    })
    .join('');

/** What becomes of an adapter that is no run's when it is removed. */
export const removalOf = ({ parts }: Pick<Adapter, 'parts'>): string =>
  parts === null
    ? 'It leaves the library. The folder that it was imported from stays.'
    : 'It leaves the library with its file. The adapters that it is made of stay.';
