import { WorkbenchError } from '../../errors.ts';
import { quarterOf } from '../../objectives/diffusion/noisy-batch.ts';
import type { DrawnItem, PreparedTask } from '../prepared-task.ts';
import type { ScoreName } from '../scores.ts';

/** A picture with noise in it, once of several times. */
export interface MeasuredDraw {
  readonly item: number;
  /** The picture's, in its set. */
  readonly name: string;
  readonly timestep: number;
}

export interface DrawTask {
  readonly name: string;
  readonly draws: readonly MeasuredDraw[];
  /** Of the model's schedule. */
  readonly timesteps: number;
  readonly notices: readonly string[];
}

const ofQuarters = [
  'denoising_loss_quarter_1',
  'denoising_loss_quarter_2',
  'denoising_loss_quarter_3',
  'denoising_loss_quarter_4',
] as const satisfies readonly ScoreName[];

const itemOf = ({ item, name, timestep }: MeasuredDraw, timesteps: number): DrawnItem => ({
  item,
  judge: (loss) => {
    if (!Number.isFinite(loss))
      throw new WorkbenchError(
        'unsupported',
        `${name}, timestep ${timestep}: the loss is not a number, so the model has diverged or its weights overflow`,
      );
    return {
      item,
      prompt: name,
      expected: null,
      answer: null,
      weight: 1,
      values: { denoising_loss: loss, [ofQuarters[quarterOf(timestep, timesteps)]!]: loss },
      detail: { timestep },
    };
  },
});

/** The loss of each draw: in all, and of the quarter of the schedule that it is in. */
export const prepareDraws = ({ name, draws, timesteps, notices }: DrawTask): PreparedTask => ({
  facts: { task: name, items: draws.length, chance: null, majority: null, notices: [...notices] },
  likelihood: [],
  written: [],
  pictures: [],
  drawn: draws.map((draw) => itemOf(draw, timesteps)),
  measured: [],
});
