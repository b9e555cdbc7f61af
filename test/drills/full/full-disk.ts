import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';

export interface Answer {
  readonly command: string;
  readonly code: number;
  readonly said: string;
}

/**
 * Puts a copy of a folder on a small disk of its own, fills that to the last byte, and runs commands of `nora` there one after the other. What each says is
 * between marks, with how it ended.
 */
const script = `
  mount -t tmpfs -o size="$1" full "$2" && cp -Rp "$3/." "$2" || exit 1
  cat /dev/zero > "$2/filled" 2> /dev/null
  while read -r words; do
    echo "<$words>"
    "$4" "$5" $words --data-dir "$2" 2>&1 < /dev/null
    echo "<$?>"
  done`;

/** @param disk an empty folder @param temporary where temporary files go: on another disk, or there */
export const onFullDisk = async (
  { size, disk, contents, temporary }: Readonly<Record<'size' | 'disk' | 'contents' | 'temporary', string>>,
  commands: readonly string[],
): Promise<Answer[]> => {
  const words = [size, disk, contents, process.execPath, join(root, 'main/cli/nora.ts')];
  const shell = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  shell.stdin.end(commands.map((command) => `${command}\n`).join(''));
  const [said] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
  return commands.map((command) => {
    const [, after = ''] = said.split(`<${command}>\n`);
    const [answer = '', code = 'none'] = after.split(/<(\d+)>\n/);
    return { command, code: Number(code), said: answer };
  });
};
