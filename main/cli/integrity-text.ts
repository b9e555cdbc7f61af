import type { Finding, Integrity } from '../api/contract.ts';
import { bytesText, countText } from './quantities.ts';

const findingText = ({ subject, problem, repair, advice }: Finding): string => {
  const ways = [
    ...(repair === null ? [] : [`--repair would: ${repair}`]),
    ...(advice === null ? [] : [`what to do: ${advice}`]),
  ];
  return [`${subject}: ${problem}`, ...ways.map((way) => `    ${way}`)].join('\n');
};

/** What repairs would do, one a line. */
export const repairsText = (findings: readonly Finding[]): string =>
  findings.map(({ problem, repair }) => `${problem}\n    will: ${repair}`).join('\n');

export const canBeRepaired = ({ repair }: Finding): boolean => repair !== null;

/** Whether something that was kept is lost or not as it was written. */
export const isWrong = ({ status, findings }: Integrity): boolean =>
  status !== 'checked' || findings.some(({ isHarmless }) => !isHarmless);

export const integrityText = (integrity: Integrity): string => {
  const { status, files, bytes, findings, error } = integrity;
  if (status === 'stopped') return 'Stopped before everything was checked.';
  if (status === 'failed') return `The check failed: ${error ?? 'no reason is known'}`;
  const read = `The library, and ${countText(files)} files (${bytesText(bytes)}) against their hashes`;
  if (findings.length === 0) return `${read}: all is as it was written.`;
  const [wrong, harmless] = [
    findings.filter(({ isHarmless }) => !isHarmless),
    findings.filter(({ isHarmless }) => isHarmless),
  ];
  return [
    `${read}: ${wrong.length === 0 ? 'all is as it was written' : `${countText(wrong.length)} wrong`}.`,
    ...wrong.map(findingText),
    ...(harmless.length === 0 ? [] : ['', 'Nothing is lost by these:', ...harmless.map(findingText)]),
  ].join('\n');
};
