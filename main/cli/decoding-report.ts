import type { BenchDecodingSummary } from '../trainer/protocol/protocol.ts';
import type { DecodingChoice } from './bench-options.ts';
import { machineDocument } from './machine-document.ts';
import { profileDocument, profileText } from './profile-text.ts';
import { bytesText, countText, secondsText } from './quantities.ts';
import { formatFields } from './table.ts';

/** What was measured of answering, on what, and with which settings; memory in MB (10^6 bytes). */
export const decodingDocument = ({ model, settings }: DecodingChoice, summary: BenchDecodingSummary) => {
  const { peakMemoryBytes, profile, ...measured } = summary;
  return {
    machine: machineDocument(),
    model: model.name,
    randomWeights: model.kind === 'shape',
    ...settings,
    ...measured,
    tokensPerSecond: 1 / summary.medianTokenSeconds,
    peakMemoryMB: Math.round(peakMemoryBytes / 1e5) / 10,
    profile: profile && {
      token: profileDocument(profile.token, profile.limits),
      prompt: profileDocument(profile.prompt, profile.limits),
    },
  };
};

const milliseconds = (seconds: number): string => `${(1000 * seconds).toFixed(1)} ms`;

/** The same for people. */
export const decodingText = ({ model, settings }: DecodingChoice, summary: BenchDecodingSummary): string => {
  const { promptTokens, tokens, threads, base } = settings;
  const { medianTokenSeconds, minimumTokenSeconds, promptSeconds, profile } = summary;
  const fields = formatFields({
    model: `${model.name}, ${countText(summary.totalParameters)} parameters${model.kind === 'shape' ? ', random weights' : ''}`,
    answer: `${countText(tokens)} tokens to a prompt of ${countText(promptTokens)}`,
    engine: `${base} base, ${threads === null ? 'a thread per core' : `${threads} threads`}`,
    load: `${secondsText(summary.loadSeconds)} s`,
    prompt: milliseconds(promptSeconds),
    token: `${milliseconds(medianTokenSeconds)} (median; minimum ${milliseconds(minimumTokenSeconds)}), ${(1 / medianTokenSeconds).toFixed(1)} a second`,
    'peak memory': bytesText(summary.peakMemoryBytes),
  });
  if (profile === null) return fields;
  const { token, prompt, limits } = profile;
  return [
    fields,
    profileText({ account: token, limits, plainSeconds: minimumTokenSeconds, what: 'token' }),
    profileText({ account: prompt, limits, plainSeconds: promptSeconds, what: 'prompt' }),
  ].join('\n\n');
};
