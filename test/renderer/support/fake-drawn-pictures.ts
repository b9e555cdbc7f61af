import sharp from 'sharp';
import type { Experiment, Run, RunPicture, RunPictures, WorkbenchEvent } from '../../../main/api/contract.ts';
import { wantedSamples } from '../../../main/engine/train/settings/drawn-sample-settings.ts';
import type { MethodParamsParsed } from '../../../main/services/shared/methods.ts';
import { interval } from './fake-samples.ts';

type Drawn = Extract<WorkbenchEvent, { name: 'run.pictures' }>['payload'];

/** What a run of the fake has drawn after a step; at step 20 it could not. */
export const drawnAt = ({ definition }: Experiment, { id: runId }: Run, step: number): Drawn => ({
  runId,
  step,
  targetPath: `/runs/${runId}/samples/${step}`,
  pictures: wantedSamples(definition.training.diffusion!.samples!).map((one, position) => ({
    ...{ position, ...one },
    ...(step === 20
      ? { file: null, sha256: null, problem: 'step 1 of 25 gives numbers that are not finite' }
      : { file: `samples/${step}/${position}.png`, sha256: 'ab', problem: null }),
  })),
});

export const fakeRunPictures =
  (runOf: (id: string) => Run, experimentOf: (run: Run) => Experiment) =>
  ({ ids, asked: index }: MethodParamsParsed<'runs.pictures'>): RunPictures => {
    const runs = ids.map(runOf);
    const first = drawnAt(experimentOf(runs[0]!), runs[0]!, 0).pictures;
    const asked = first.map(({ prompt, seed }) => ({ prompt, seed }));
    const reached = (step: number): Run[] =>
      runs.filter((run) => run.startedAt !== null && (run.step >= step || run.status === 'completed'));
    const steps: RunPictures['steps'] = [];
    for (let step = 0; reached(step).some((run) => run.step >= step); step += interval) {
      const pictures = reached(step).map((run) => {
        const { position, file, problem } = drawnAt(experimentOf(run), run, step).pictures[index]!;
        return { runId: run.id, position, file, problem };
      });
      steps.push({ step, pictures });
    }
    return steps.length === 0 ? { asked: [], steps } : { asked, steps };
  };

/** A disc on a ground: redder the further the run is, and as large as its prompt is far behind. */
export const fakeRunPicture = async ({
  id,
  step,
  position,
}: MethodParamsParsed<'runs.picture'>): Promise<RunPicture> => {
  const edge = 64;
  const pixels = Uint8Array.from({ length: edge * edge * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const far = Math.hypot((pixel % edge) - edge / 2, Math.floor(pixel / edge) - edge / 2);
    if (far > 12 + 6 * position) return 225;
    return [60 + 4 * Math.min(step, 40), 80, 160 - 3 * Math.min(step, 40)][at % 3]!;
  });
  const png = await sharp(pixels, { raw: { width: edge, height: edge, channels: 3 } })
    .png()
    .toBuffer();
  return {
    ...{ data: png.toString('base64'), width: edge, height: edge },
    targetPath: `/runs/${id}/samples/${step}/${position}.png`,
  };
};

/** Runs of the comparisons that are there from the start. */
export const isOfComparison = (id: string): boolean => id.startsWith('comparison-run-');

/** Two prompts from two seeds, before the first of 200 steps, in their middle and after the last. */
export const fakeArmPictures = ({ ids, asked: index }: MethodParamsParsed<'runs.pictures'>): RunPictures => ({
  asked: ['a photo of sks dog', 'a photo of sks dog in the snow'].flatMap((prompt) =>
    [7, 8].map((seed) => ({ prompt, seed })),
  ),
  steps: [0, 100, 200].map((step) => ({
    step,
    pictures: ids.map((runId) => ({
      ...{ runId, position: index },
      // One of them could not be drawn.
      ...(step === 200 && runId.endsWith('-2-3')
        ? { file: null, problem: 'step 1 of 25 gives numbers that are not finite' }
        : { file: `samples/${step}/${index}.png`, problem: null }),
    })),
  })),
});
