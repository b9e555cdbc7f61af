import type { Comparison } from '../api/contract.ts';
import type { CommandContext, Outcome } from './command.ts';
import { comparisonDiagnosisText } from './comparison-diagnosis-text.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterrupt } from './interrupts.ts';

/** Looks into the adapters of a comparison that is done, and watches it to its end. Ctrl-C gives it up. */
export const diagnoseComparison = async (
  { call, router, workbench, progress }: CommandContext,
  { id }: Comparison,
): Promise<Outcome> => {
  await call('comparisons.diagnose', { id });
  const unsubscribe = router.subscribe((event) => {
    if (event.name === 'diagnostics.progress') progress.show({ label: 'diagnostics', ...event.payload });
  });
  const handBack = onInterrupt(
    () => void call('comparisons.cancel', { id }).catch((error: unknown) => progress.note(String(error))),
  );
  try {
    const { diagnostics, problems } = await workbench.waitForComparison(id);
    const diagnosis = await call('comparisons.diagnosis', { id });
    return diagnosis === null
      ? {
          document: { diagnostics },
          text: problems.join('\n'),
          exitCode: exitCodes.failed,
        }
      : { document: diagnosis, text: comparisonDiagnosisText(diagnosis) };
  } finally {
    handBack();
    unsubscribe();
    progress.clear();
  }
};
