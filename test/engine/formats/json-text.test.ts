import { expect, test } from 'vitest';
import { withTopLevelFlag } from '../../../main/engine/formats/json-text.ts';

test.each([
  [
    '{\n  "cap": 30.0,\n  "tie": true,\n  "last": {"tie": true}\n}\n',
    '{\n  "cap": 30.0,\n  "tie": false,\n  "last": {"tie": true}\n}\n',
  ],
  ['{"inner": {"tie": null}, "tie" : null}', '{"inner": {"tie": null}, "tie": false}'],
  ['{\n  "cap": 1e-05\n}', '{\n  "tie": false,\n  "cap": 1e-05\n}'],
  ['{}', '{"tie": false}'],
])('sets one flag of %j and leaves every other character', (before, after) =>
  expect(withTopLevelFlag(before, 'tie', false)).toBe(after),
);
