import { certificateText, comparedIn } from '../api/contract.ts';
import type { Export, ExportKind } from '../api/contract.ts';
import type { CommandContext } from './command.ts';
import { bytesText, differenceText } from './quantities.ts';

/** An imported adapter goes by its own id, a run's by the run's. */
export type ExportRequest = ({ readonly runId: string } | { readonly adapterId: string }) & {
  readonly kind: ExportKind;
  /** Absolute. The workbench chooses when absent. */
  readonly destination?: string | undefined;
};

/** Exports, shows how far it is, and waits for the end. A failed export is returned as such. */
export const exportRun = async (context: CommandContext, request: ExportRequest): Promise<Export> => {
  const { call, router, workbench, progress } = context;
  const unsubscribe = router.subscribe((event) => {
    if (event.name !== 'export.changed' || event.payload.progress === null) return;
    progress.show({ label: 'export', ...event.payload.progress });
  });
  try {
    const { id } = await call('exports.create', request);
    return await workbench.waitForExport(id);
  } finally {
    unsubscribe();
    progress.clear();
  }
};

const written: Readonly<Record<ExportKind, string>> = {
  merged: 'The merged weights',
  adapter: "The adapter's weights",
  'adapter-with-base': 'The adapter and the base it belongs to',
  'clip-lora': "The adapter's weights, as CLIP-LoRA saves them,",
  kohya: "The adapter's weights in kohya's form",
  diffusers: "The adapter's weights in diffusers' form",
  checkpoint: 'The merged weights as one file',
};

/** What an export wrote, and how closely that computes what was trained. */
export const exportText = ({ kind, destination, summary, error }: Export): string => {
  if (summary === null) return `The export failed: ${error ?? 'the exporter said nothing'}`;
  const what = written[kind];
  const [rounded, exact] = [
    differenceText(summary.largestLogitDifference),
    differenceText(summary.largestLogitDifferenceUnrounded),
  ];
  const mean = summary.meanLogitDifference;
  const { what: one, on } = comparedIn(summary.certificate, summary.promptTokens);
  return [
    `${what} (${bytesText(summary.bytes)}) are in ${destination}`,
    ...(summary.notices ?? []),
    `Checked on ${on} against base + adapter: ${one}s differ by ${rounded} at most${mean === undefined ? '' : ` and ${differenceText(mean)} on average`} (${exact} before rounding; the largest ${one} is ${summary.largestLogit.toFixed(1)})`,
    ...(summary.certificate ? certificateText(summary.certificate) : []),
  ].join('\n');
};
