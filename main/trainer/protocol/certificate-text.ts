import type { CertifiedMetric, CertifiedOn, MergeCertificate } from './certificate-schema.ts';

const number = (value: number): string => value.toFixed(4);

const metricText = ({ name, before, after }: CertifiedMetric): string =>
  `${name} ${number(before)} before and ${number(after)} after`;

const grouped = (count: number): string => count.toLocaleString('en-US');

const onTexts: Readonly<Record<CertifiedOn['data'], (on: CertifiedOn) => string>> = {
  'held-out': ({ rows, tokens }) => `on ${grouped(rows)} held-out rows (${grouped(tokens)} tokens)`,
  'held-out-pictures': ({ rows }) =>
    `on ${grouped(rows)} held-out pictures with their texts, as the logits were`,
  'sample-prompts': ({ rows, reason }) => `on ${grouped(rows)} sample prompts (${reason})`,
  noise: ({ reason }) => `on noise (${reason})`,
  'noise-to-predict': ({ reason }) => `on noise (${reason})`,
};

const withoutClasses: Readonly<Partial<Record<CertifiedOn['data'], string>>> = {
  noise: 'the logits were compared on pictures of noise, which have none',
  'noise-to-predict': 'predictions on noise were compared',
};

/** What of two models is held against each other, and on what. */
export interface Compared {
  /** In the singular; the plural has an s. */
  readonly what: 'logit' | 'prediction';
  readonly on: string;
}

/** @param certificate absent of exports from before there were certificates, which are of texts */
export const comparedIn = (certificate: MergeCertificate | undefined, tokens: number): Compared => {
  switch (certificate?.metrics.on.data) {
    case 'noise-to-predict':
      return { what: 'prediction', on: 'noise' };
    case 'noise':
      return { what: 'logit', on: 'pictures of noise' };
    case 'held-out-pictures':
      return { what: 'logit', on: 'held-out pictures' };
    default:
      return { what: 'logit', on: `${grouped(tokens)} tokens` };
  }
};

/** What a certificate says, in lines for people: metrics before and after, and which hashes it has. */
export const certificateText = ({ metrics, base, adapter, exported }: MergeCertificate): string[] => [
  metrics.values.length === 0
    ? `No metric was measured: ${withoutClasses[metrics.on.data] ?? 'the sample prompts have no classes'} (${metrics.on.reason})`
    : `Measured ${onTexts[metrics.on.data](metrics.on)}: ${metrics.values.map(metricText).join(', ')}`,
  `merge-certificate.json has the SHA-256 of every file: ${exported.files.length} exported, ${base.files.length} of the base, ${adapter.files.length} of the adapter`,
];
