import type { Run } from '../../../../main/api/contract.ts';
import { href } from '../../state/routes.ts';

export interface Advice {
  readonly text: string;
  /** Where it can be done; absent where the run's own button does it. */
  readonly action?: { readonly label: string; readonly href: string };
}

type Failed = Pick<Run, 'error' | 'experimentId' | 'checkpointStep'>;

const change = (label: string, { experimentId }: Failed): Advice['action'] => ({
  label,
  href: href.newExperiment({ from: experimentId }),
});

/** Known ways to fail, by what is said of them; the first that fits. */
const known: { readonly says: RegExp; readonly advise: (run: Failed) => Advice }[] = [
  {
    says: /memory ran out|out of memory|not enough memory|free memory/i,
    advise: (run) => ({
      text: 'Take less memory: a smaller batch with more accumulation trains the same, and so does the low memory mode, slower.',
      action: change('Change and try again', run),
    }),
  },
  {
    says: /no longer a finite number/i,
    advise: (run) => ({
      text: 'The steps were too large. A learning rate of a third, or more steps of warm-up, usually mends it.',
      action: change('Change the learning rate', run),
    }),
  },
  {
    says: /no space left|disk is full|disk quota/i,
    advise: ({ checkpointStep }) => ({
      text: `Make room first; then this ${checkpointStep === null ? 'can be started again' : 'goes on from its checkpoint'}.`,
      action: { label: 'See what takes space', href: '#/doctor' },
    }),
  },
  {
    says: /graphics device stopped answering|device (was |is )?lost/i,
    advise: (run) => ({
      text: 'Try once more. If it happens again, train on the CPU: the result is the same.',
      action: change('Train on another device', run),
    }),
  },
  {
    says: /has changed since|is not what it was/i,
    advise: (run) => ({
      text: 'A run goes on only with the files that it began with. Put them back, or begin anew with those that are there.',
      action: change('Begin anew', run),
    }),
  },
  {
    says: /trainer process ended unexpectedly|workbench ended/i,
    advise: ({ checkpointStep }) => ({
      text:
        checkpointStep === null
          ? 'Start it again. Ending a second time at the same place means that it takes more than the machine has: choose a smaller batch, or the low memory mode.'
          : 'It goes on from its checkpoint, bit for bit. Ending a second time at the same place means that it takes more than the machine has: choose a smaller batch, or the low memory mode.',
    }),
  },
];

/** What to try after a failure, where that is known. */
export const adviceFor = (run: Failed): Advice | undefined =>
  run.error === null ? undefined : known.find(({ says }) => says.test(run.error!))?.advise(run);
