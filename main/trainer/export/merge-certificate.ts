import { readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { onnxRuntimeEnvironment } from '../../engine/runtime/session.ts';
import { invalidInput } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { readModelFiles } from '../../engine/formats/model-identity.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { certificateName } from './finished-export.ts';
import type { CertifiedFile, CertifiedMetric, MergeCertificate } from '../protocol/certificate-schema.ts';
import { certifiedFile, type CertifiedData } from './certified-data.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { measureTrained } from './measure-trained.ts';

/** Names of a folder's files, as they are on every system, sorted. */
export const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).replaceAll(sep, '/'))
    .sort();

const hashed = async (directory: string, names: readonly string[]): Promise<CertifiedFile[]> => {
  const files: CertifiedFile[] = [];
  for (const name of names) files.push(await certifiedFile(join(directory, name), name));
  return files;
};

const metricsOf = async (
  { model, adapter, trainedWeights, specification }: ExportJob,
  written: TrainedModel,
  data: CertifiedData,
): Promise<CertifiedMetric[]> => {
  if (data.batches.length === 0) return [];
  const { threads } = specification;
  const before = await measureTrained({ model, adapter, trainedWeights }, data, threads);
  const after = await measureTrained(written, data, threads);
  return Object.entries(before).map(([name, value]) => {
    const metric = { name, before: value, after: (after as Record<string, number>)[name] as number };
    assertFinite(specification.destination, metric);
    return metric;
  });
};

const baseFiles = async ({
  modelDirectory,
  modelFiles,
}: ExportJob['specification']): Promise<CertifiedFile[]> =>
  (modelFiles ?? (await readModelFiles(modelDirectory))).map(({ name, bytes, sha256 }) => ({
    name,
    bytes,
    sha256,
  }));

/** @throws invalid-input where weights that overflow, or hold NaN, leave nothing to certify */
const assertFinite = (destination: string, measuredValues: object): void => {
  const broken = Object.entries(measuredValues).find(
    ([, value]) => typeof value === 'number' && !Number.isFinite(value),
  );
  if (broken)
    throw invalidInput(
      `${destination}: the exported weights cannot be certified, as ${broken[0]} is not a finite number: they, or base and adapter, overflow`,
    );
};

/**
 * Measures what was written against base + adapter on held-out rows, hashes all files that took part, and writes both beside the weights.
 * Loaders of PEFT, transformers and others pass over files that they do not know.
 */
export const certify = async (
  job: ExportJob,
  { check, written, notices }: CheckedExport,
): Promise<MergeCertificate> => {
  const { specification, directory, saved, data, report } = job;
  const { exportId, kind, destination, modelDirectory, adapterDirectory, workbenchVersion } = specification;
  assertFinite(destination, check);
  report('certifying', 0, 2);
  const values = await metricsOf(job, written, data);
  report('certifying', 1, 2);
  const certificate: MergeCertificate = {
    version: 1,
    ...(exportId !== undefined && { exportId }),
    kind,
    createdAt: new Date().toISOString(),
    versions: {
      workbench: workbenchVersion ?? null,
      node: process.version,
      onnxruntime: onnxRuntimeEnvironment.versions.common,
    },
    logits: {
      largestDifference: check.largestLogitDifference,
      meanDifference: check.meanLogitDifference,
      largestDifferenceUnrounded: check.largestLogitDifferenceUnrounded,
      largest: check.largestLogit,
      tokens: check.promptTokens,
    },
    metrics: { on: data.on, values },
    base: { name: basename(modelDirectory), files: await baseFiles(specification) },
    adapter: { settings: saved.settings, files: await hashed(adapterDirectory, filesIn(adapterDirectory)) },
    exported: { files: await hashed(directory, filesIn(directory)) },
    ...(notices.length > 0 && { notices: [...notices] }),
  };
  writeFileWhole(join(directory, certificateName), `${JSON.stringify(certificate, null, 2)}\n`);
  return certificate;
};
