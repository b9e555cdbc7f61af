import { spawnSync } from 'node:child_process';

interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

/** What the registry knows of holes, or why it was not asked. */
export type AuditAnswer =
  | { readonly known: readonly { readonly name: string; readonly told: string }[] }
  | { readonly unanswered: string };

export const askAudit = (root: string): AuditAnswer => {
  const { stdout, error } = spawnSync('npm', ['audit', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    shell: process.platform === 'win32', // npm is a script there
  });
  if (error !== undefined) return { unanswered: error.message };
  return readAudit(stdout);
};

export const readAudit = (text: string): AuditAnswer => {
  try {
    const { vulnerabilities } = JSON.parse(text) as AuditReport;
    if (vulnerabilities === undefined) return { unanswered: 'the registry tells nothing of holes' };
    return {
      known: Object.entries(vulnerabilities).map(([name, { severity, range }]) => ({
        name,
        told: `${range}, ${severity}`,
      })),
    };
  } catch {
    return { unanswered: 'the registry does not answer' };
  }
};
