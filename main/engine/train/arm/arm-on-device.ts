import { adamWGraph } from '../../optim/adamw.ts';
import { createPlacement, dispose } from '../../runtime/placement.ts';
import { addTraffic, type Feed } from '../../runtime/session.ts';
import type { Arm, ArmOptions, StateVectors } from './arm.ts';
import { baseInputs } from '../model/base-inputs.ts';
import { foldGraph, pullbackGraph } from '../model/fold-graphs.ts';
import { updateScalars } from '../step/update-scalars.ts';

/** The state as three buffers that stay on the device: a step moves two scalars between it and main memory. */
export const createArmOnDevice = async ({
  trained,
  layout,
  start,
  optimizer,
  accumulate,
  profiler,
  ...onDevice
}: ArmOptions): Promise<Arm> => {
  const fold = await profiler.session(foldGraph(trained, layout), {
    ...onDevice,
    residentOutputs: baseInputs(trained).map(({ name }) => name),
  });
  const pullback = await profiler.session(pullbackGraph(trained, layout, { accumulate }), {
    ...onDevice,
    residentOutputs: ['gradient'],
  });
  const adamW = await profiler.session(
    adamWGraph(
      optimizer,
      layout.groups.map(({ length }) => length),
    ),
    {
      ...onDevice,
      residentOutputs: ['next_parameters', 'next_first_moment', 'next_second_moment'],
    },
  );
  const placement = await createPlacement(layout.total, onDevice.device);
  let state: { readonly [V in keyof Omit<StateVectors, 'rules'>]: Feed } = {
    parameters: await placement.place(start.parameters),
    firstMoment: await placement.place(start.firstMoment),
    secondMoment: await placement.place(start.secondMoment),
  };
  const noGradient = accumulate ? await placement.place(new Float32Array(layout.total)) : undefined;
  let collected: Feed | undefined;
  let gradientNorm = 0;

  const holders = [fold, pullback, adamW, placement];
  return {
    fold: async () => (await fold.runResident({ parameters: state.parameters })).resident,
    gradientBuffers: {},
    collect: async (gradients) => {
      const accumulated = collected ?? noGradient;
      const { read, resident } = await pullback.runResident({
        parameters: state.parameters,
        ...gradients,
        ...(accumulated ? { accumulated } : {}),
      });
      if (collected) dispose(collected);
      collected = resident['gradient'];
      gradientNorm = Number(read['gradient_norm']!.data[0]);
    },
    update: async (learningRate, count) => {
      const gradient = collected as Feed;
      const { resident } = await adamW.runResident({
        parameters: state.parameters,
        first_moment: state.firstMoment,
        second_moment: state.secondMoment,
        gradient,
        ...updateScalars(optimizer, { gradientNorm, learningRate, count }, layout.groups),
      });
      for (const old of [gradient, ...Object.values(state)]) dispose(old);
      collected = undefined;
      state = {
        parameters: resident['next_parameters']!,
        firstMoment: resident['next_first_moment']!,
        secondMoment: resident['next_second_moment']!,
      };
      return gradientNorm;
    },
    state: async () => ({
      parameters: await placement.fetch(state.parameters),
      firstMoment: await placement.fetch(state.firstMoment),
      secondMoment: await placement.fetch(state.secondMoment),
    }),
    traffic: () => holders.map((holder) => holder.traffic()).reduce(addTraffic),
    release: async () => {
      for (const vector of Object.values(state)) dispose(vector);
      if (noGradient) dispose(noGradient);
      for (const holder of holders) await holder.release();
    },
  };
};
