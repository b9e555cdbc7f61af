import { homedir } from 'node:os';

const longest = 2000;

/** What lets somebody in, wherever it may come to stand in a text. */
const secrets: readonly RegExp[] = [
  /(?<=\b(?:code|token|key|password|secret)=)[^\s&;"']+/gi,
  /(?<=\bBearer )\S+/gi,
  /(?<=\bnora-\d+=)[^\s;]+/g,
  /(?<=\/\/)[^/\s@]+:[^/\s@]+(?=@)/g, // a name and a password in front of a host
  /(?<!\w)[\w-]{43}(?!\w)/g, // the form of our own: 32 bytes in base64url, which may begin or end with a -
];

/** A text as the log takes it: one line, not too long, without secrets, the home folder written ~. */
export const logText = (text: string, home = homedir()): string => {
  const withoutSecrets = secrets.reduce((rest, secret) => rest.replace(secret, '***'), text);
  const withoutHome = home.length > 1 ? withoutSecrets.replaceAll(home, '~') : withoutSecrets;

  const oneLine = withoutHome.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return oneLine.length > longest ? `${oneLine.slice(0, longest)}…` : oneLine;
};

/**
 * A defect, without its message: that may quote what a person trains on. What it is and where it arose is enough to find it.
 */
export const defectText = (error: unknown): string => {
  if (!(error instanceof Error)) return `a defect: ${typeof error} was thrown`;
  const { code } = error as NodeJS.ErrnoException;
  const stack = error.stack ?? '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return [`a defect: ${error.name}${code === undefined ? '' : ` ${code}`}`, ...frames.slice(0, 12)].join(' ');
};
