import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { noraAs, type Done, type User } from './as-user.ts';

const gid = 64_000;
const [owner, member]: readonly [User, User] = [
  { uid: 64_001, gid },
  { uid: 64_002, gid },
];

describeWith('users', 'a data directory that a group shares', () => {
  let above: string;
  let dataDirectory: string;
  beforeEach(() => {
    above = mkdtempSync(join(tmpdir(), 'nora-shared-folder-'));
    chmodSync(above, 0o755);
    dataDirectory = join(above, 'data');
    mkdirSync(dataDirectory);
    chownSync(dataDirectory, owner.uid, gid);
    chmodSync(dataDirectory, 0o2770);
    for (const { uid } of [owner, member]) {
      mkdirSync(homeOf(uid));
      chownSync(homeOf(uid), uid, gid);
    }
  });
  afterEach(() => rmSync(above, { recursive: true, force: true }));

  const homeOf = (uid: number): string => join(above, String(uid));
  const nora = (user: User, ...words: string[]): Done =>
    noraAs(user, { dataDirectory, home: homeOf(user.uid) }, ...words);

  it('is looked at by a member whose the library is not to write, and left as it was', () => {
    expect(nora(owner, 'model', 'list')).toMatchObject({ code: 0 });
    const before = readdirSync(dataDirectory).toSorted();
    const looked = nora(member, 'model', 'list');
    expect(looked).toMatchObject({ code: 0, said: expect.stringContaining('can only be read') as string });
    expect(readdirSync(dataDirectory).toSorted()).toEqual(before);
    expect(readdirSync(homeOf(member.uid))).toEqual([]);
    expect(nora(owner, 'queue', 'pause')).toMatchObject({ code: 0 });
  });
});
