import type { Integrity } from '../api/contract.ts';
import type { CommandContext, Outcome } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { canBeRepaired, integrityText, isWrong, repairsText } from './integrity-text.ts';
import { onInterrupt } from './interrupts.ts';

/** Checks what is kept; where that is asked for, says what can be repaired, does it and checks again. */
export const checkLibrary = async (context: CommandContext, repairs: boolean): Promise<Outcome> => {
  const { call } = context;
  await call('integrity.check', {});
  const first = await watch(context);
  const mendable = first.findings.filter(canBeRepaired);
  if (!repairs || first.status !== 'checked' || mendable.length === 0) return outcomeOf(first);
  process.stderr.write(`${repairsText(mendable)}\n`);
  await call('integrity.repair', { ids: mendable.map(({ id }) => id) });
  return outcomeOf(await watch(context));
};

const outcomeOf = (integrity: Integrity): Outcome => ({
  document: integrity,
  text: integrityText(integrity),
  exitCode: isWrong(integrity) ? exitCodes.failed : exitCodes.done,
});

const watch = async ({ workbench, call, progress }: CommandContext): Promise<Integrity> => {
  const stopWatching = workbench.subscribe(({ name, payload }) => {
    if (name !== 'integrity.changed' || payload.progress === null) return;
    const { subject, done, total } = payload.progress;
    progress.show({ label: 'check', phase: subject, done, total: Math.max(total, 1) });
  });
  const handBack = onInterrupt(() => void call('integrity.stop', {}));
  try {
    return await workbench.waitForIntegrity();
  } finally {
    handBack();
    stopWatching();
    progress.clear();
  }
};
