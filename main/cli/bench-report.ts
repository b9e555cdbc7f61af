import { adapterName } from '../engine/adapters/settings/adapter-name.ts';
import type { BenchSummary } from '../trainer/protocol/protocol.ts';
import type { BenchChoice } from './bench-options.ts';
import { machineDocument } from './machine-document.ts';
import { profileDocument, profileText } from './profile-text.ts';
import { bytesText, countText, lossText, secondsText } from './quantities.ts';
import { formatFields } from './table.ts';

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

/** What was measured, on what, and with which settings; memory in MB (10^6 bytes), rates per second. */
export const benchDocument = ({ model, settings }: BenchChoice, summary: BenchSummary) => {
  const { peakMemoryBytes, peakMemoryBeforeTrainingBytes, profile, ...measured } = summary;
  return {
    machine: machineDocument(),
    model: model.name,
    randomWeights: model.kind === 'shape',
    ...settings,
    ...measured,
    peakMemoryMB: megabytes(peakMemoryBytes),
    peakMemoryBeforeTrainingMB: megabytes(peakMemoryBeforeTrainingBytes),
    gemmShare: summary.stepFlopRate / summary.gemmPeakFlopRate,
    profile: profile && profileDocument(profile.account, profile.limits),
  };
};

const rateText = (rate: number): string => `${(rate / 1e9).toFixed(1)} GFLOP/s`;

/** The same for people. */
export const benchText = ({ model, settings }: BenchChoice, summary: BenchSummary): string => {
  const { batchSize, sequenceLength, labels, threads, base, memory, device } = settings;
  const share = (100 * summary.stepFlopRate) / summary.gemmPeakFlopRate;
  const fields = formatFields({
    model: `${model.name}, ${countText(summary.totalParameters)} parameters${model.kind === 'shape' ? ', random weights' : ''}`,
    adapter: `${adapterName(settings.adapter)}, ${countText(summary.trainedParameters)} trained`,
    batch: `${batchSize} x ${sequenceLength} tokens${labels === null ? '' : `, loss on the last ${labels}`}`,
    engine: `${base} base, ${memory}, ${device}, ${threads === null ? 'a thread per core' : `${threads} threads`}`,
    load: `${secondsText(summary.loadSeconds)} s`,
    initialisation: `${secondsText(summary.initialisationSeconds)} s`,
    'first step': `${secondsText(summary.firstStepSeconds)} s`,
    step: `${secondsText(summary.medianStepSeconds)} s (median of ${summary.stepSeconds.length - 1}; minimum ${secondsText(summary.minimumStepSeconds)} s)`,
    tokens: `${countText(Math.round(summary.tokensPerSecond))} a second`,
    'peak memory': `${bytesText(summary.peakMemoryBytes)} (${bytesText(summary.peakMemoryBeforeTrainingBytes)} before training)`,
    'matrix products': `${rateText(summary.stepFlopRate)}, ${share.toFixed(0)} % of this machine's ${rateText(summary.gemmPeakFlopRate)}`,
    loss: `${lossText(summary.firstLoss)} before, ${lossText(summary.lastLoss)} at the last step`,
  });
  const { profile, minimumStepSeconds } = summary;
  if (profile === null) return fields;
  return `${fields}\n\n${profileText({ ...profile, plainSeconds: minimumStepSeconds, what: 'step' })}`;
};
