import { nativeAddon, type NativeAddon } from '../../linear-algebra/native.ts';
import type { ParameterGroup } from '../../optim/parameter-layout.ts';
import { adamWGraph, type AdamWSettings } from '../../optim/adamw.ts';
import { unwatched, type Profiler } from '../../runtime/profile/profiler.ts';
import type { Session } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import type { StateVectors } from './arm.ts';
import { stepNumbers, updateScalars, type Update } from '../step/update-scalars.ts';

export interface UpdateInPlace {
  readonly run: (state: StateVectors, gradient: Float32Array, update: Update) => Promise<void>;
  readonly release: Session['release'];
}

interface UpdateOptions {
  readonly threads: number | null;
  readonly profiler?: Profiler;
}

/** AdamW on vectors in main memory: the state is in memory once. By the addon where it is there, with the same bits. */
export const createUpdateInPlace = async (
  settings: AdamWSettings,
  groups: readonly ParameterGroup[],
  options: UpdateOptions,
): Promise<UpdateInPlace> => {
  const addon = nativeAddon();
  return addon ? inOnePass(addon, settings, groups) : inBlocks(settings, groups, options);
};

const inOnePass = (
  addon: NativeAddon,
  settings: AdamWSettings,
  groups: readonly ParameterGroup[],
): UpdateInPlace => ({
  run: async ({ parameters, firstMoment, secondMoment }, gradient, update) => {
    for (const group of groups) {
      const part = (data: Float32Array): Float32Array =>
        data.subarray(group.offset, group.offset + group.length);
      addon.adamW(
        part(parameters),
        part(firstMoment),
        part(secondMoment),
        part(gradient),
        stepNumbers(settings, update, group),
      );
    }
  },
  release: async () => {},
});

/** Numbers that are updated at a time: what is computed in between stays small. */
const blockSize = 2 ** 18;

const inBlocks = async (
  settings: AdamWSettings,
  groups: readonly ParameterGroup[],
  { threads, profiler = unwatched }: UpdateOptions,
): Promise<UpdateInPlace> => {
  const session = await profiler.session(adamWGraph(settings), { threads, arena: false });
  const next = { parameters: block(), firstMoment: block(), secondMoment: block() };
  return {
    run: async (state, gradient, update) => {
      for (const { from, length, group } of blocksOf(groups)) {
        const scalars = updateScalars(settings, update, [group]);
        const part = (data: Float32Array, start = from): Tensor => ({
          shape: [length],
          data: data.subarray(start, start + length),
        });
        await session.run(
          {
            parameters: part(state.parameters),
            first_moment: part(state.firstMoment),
            second_moment: part(state.secondMoment),
            gradient: part(gradient),
            ...scalars,
          },
          {
            next_parameters: part(next.parameters, 0),
            next_first_moment: part(next.firstMoment, 0),
            next_second_moment: part(next.secondMoment, 0),
          },
        );
        for (const vector of ['parameters', 'firstMoment', 'secondMoment'] as const)
          state[vector].set(next[vector].subarray(0, length), from);
      }
    },
    release: session.release,
  };
};

interface Block {
  readonly from: number;
  readonly length: number;
  readonly group: ParameterGroup;
}

const blocksOf = (groups: readonly ParameterGroup[]): Block[] =>
  groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / blockSize) }, (_, index) => ({
      from: group.offset + index * blockSize,
      length: Math.min(blockSize, group.length - index * blockSize),
      group,
    })),
  );

const block = (): Float32Array => new Float32Array(blockSize);
