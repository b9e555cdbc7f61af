import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { invalidInput } from '../engine/errors.ts';
import { fileError } from '../engine/formats/file-errors.ts';

/** What a server proves itself with. */
export interface ServerCertificate {
  /** PEM; those that it is signed by may stand behind it. */
  readonly certificate: string;
  readonly key: string;
  /** Whether it is made out for a name or an address, as a Host header has it. */
  readonly isFor: (name: string) => boolean;
}

/**
 * @throws WorkbenchError naming the file: not PEM, expired or not yet valid, or a key that is another certificate's
 */
export const readServerCertificate = (
  certificateFile: string,
  keyFile: string,
  now = new Date(),
): ServerCertificate => {
  const certificate = read(certificateFile);
  const key = read(keyFile);
  const parsed = attempt(
    () => new X509Certificate(certificate),
    `${certificateFile}: holds no certificate; expected PEM, which begins with -----BEGIN CERTIFICATE-----`,
  );
  const privateKey = attempt(
    () => createPrivateKey(key),
    `${keyFile}: holds no private key that can be read; expected PEM without a passphrase`,
  );
  if (parsed.validToDate < now)
    throw invalidInput(`${certificateFile}: expired on ${day(parsed.validToDate)}; have it renewed`);
  if (parsed.validFromDate > now)
    throw invalidInput(
      `${certificateFile}: is valid from ${day(parsed.validFromDate)} on; look at this machine's clock`,
    );
  if (!parsed.checkPrivateKey(privateKey))
    throw invalidInput(`${keyFile}: is not the key of ${certificateFile}; give the two that belong together`);
  return {
    certificate,
    key,
    isFor: (name) => {
      const bare = name.replace(/^\[|\]$/g, '');
      return (isIP(bare) > 0 ? parsed.checkIP(bare) : parsed.checkHost(bare)) !== undefined;
    },
  };
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(error, 'read', file);
  }
};

const attempt = <T>(make: () => T, message: string): T => {
  try {
    return make();
  } catch {
    throw invalidInput(message);
  }
};

const day = (date: Date): string => date.toISOString().slice(0, 10);
