import type { Checkpoint } from '../../main/engine/train/checkpoint.ts';

/** A checkpoint of four numbers, for tests that don't train. */
export const checkpointOf = (step: number): Checkpoint => ({
  state: {
    step,
    parameters: Float32Array.of(1, 2, 3, step),
    firstMoment: new Float32Array(4),
    secondMoment: new Float32Array(4),
    rules: {},
  },
  progress: {
    stream: { seed: 1, examples: 8, epoch: 0, row: 6 },
    validationAccuracyBefore: null,
    validationLossBefore: 5,
    metricsBefore: { loss: 5 },
    evaluations: [],
    initialisationSeconds: 1,
    stepSeconds: [],
    stepTokens: [],
    stepPictures: [],
    totalSeconds: 2,
    peakMemoryBytes: 3,
    sampleSeconds: 0,
    sharedMemory: false,
  },
  startSeal: null,
});
