import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonObject } from '../../engine/formats/json-text.ts';
import { mergeCertificateSchema } from '../protocol/certificate-schema.ts';
import type { ExportSummary } from '../protocol/protocol.ts';

export const certificateName = 'merge-certificate.json';

/**
 * What is to be said of an export, from the certificate in its folder. The folder took its name when all of it was on the disk, so one that is
 * there with every file in its size is whole; whether the bytes are still the same is for the hashes to say.
 * @returns undefined where there is no certificate that can be read, or a file is missing or of another size
 */
export const finishedExport = (directory: string): ExportSummary | undefined => {
  const path = join(directory, certificateName);
  if (!existsSync(path)) return undefined;
  const certificate = mergeCertificateSchema.safeParse(readQuietly(path)).data;
  if (certificate === undefined) return undefined;
  const { logits, exported, notices } = certificate;
  const isThere = ({ name, bytes }: { name: string; bytes: number }): boolean =>
    statSync(join(directory, name), { throwIfNoEntry: false })?.size === bytes;
  if (!exported.files.every(isThere)) return undefined;
  return {
    destination: directory,
    files: [...exported.files.map(({ name }) => name), certificateName].sort(),
    bytes: exported.files.reduce((sum, { bytes }) => sum + bytes, statSync(path).size),
    largestLogitDifference: logits.largestDifference,
    meanLogitDifference: logits.meanDifference,
    largestLogitDifferenceUnrounded: logits.largestDifferenceUnrounded,
    largestLogit: logits.largest,
    promptTokens: logits.tokens,
    certificate,
    ...(notices && { notices }),
  };
};

const readQuietly = (path: string): unknown => {
  try {
    return readJsonObject(path);
  } catch {
    return undefined;
  }
};
