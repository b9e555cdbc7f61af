import type { CertifiedMetric, CertifiedOn, MergeCertificate } from './certificate-schema.ts';

const number = (value: number): string => value.toFixed(4);

const metricText = ({ name, before, after }: CertifiedMetric): string =>
  `${name} ${number(before)} before and ${number(after)} after`;

const grouped = (count: number): string => count.toLocaleString('en-US');

const onText = ({ data, rows, tokens, reason }: CertifiedOn): string =>
  data === 'held-out'
    ? `on ${grouped(rows)} held-out rows (${grouped(tokens)} tokens)`
    : `on ${grouped(rows)} sample prompts (${reason})`;

/** What a certificate says, in lines for people: metrics before and after, and which hashes it has. */
export const certificateText = ({ metrics, base, adapter, exported }: MergeCertificate): string[] => [
  metrics.values.length === 0
    ? `No metric was measured: the sample prompts have no classes (${metrics.on.reason})`
    : `Measured ${onText(metrics.on)}: ${metrics.values.map(metricText).join(', ')}`,
  `merge-certificate.json has the SHA-256 of every file: ${exported.files.length} exported, ${base.files.length} of the base, ${adapter.files.length} of the adapter`,
];
