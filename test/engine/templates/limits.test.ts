import { describe, expect, test } from 'vitest';
import { refusedInTime } from '../../support/refused-in-time.ts';
import { renderTemplate } from '../../../main/engine/templates/render-template.ts';

const doubled = (start: string, step: string, use: string): string =>
  `{% set ns = namespace(x=${start}) %}{% for i in range(60) %}{% set ns.x = ${step} %}{% endfor %}${use}`;

const characters = 'a text of more than 4,194,304 characters';
const items = 'a list of more than 1,000,000 items';
const work = 'it takes more work than one conversation may';

const endless: Readonly<Record<string, readonly [template: string, told: string]>> = {
  'a range': ['{% for i in range(100000000) %}{% endfor %}', 'Range too big'],
  'loops in loops': [
    '{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}',
    'its loops go round more than 2,000,000 times',
  ],
  'a text many times': ['{{ "a" * 100000000 }}', characters],
  'a list many times': ['{% set x = [0] * 100000000 %}', items],
  'a text twice, again and again': [doubled('"a"', 'ns.x + ns.x', '{{ ns.x }}'), characters],
  'a text written twice, again and again': [doubled('"a"', 'ns.x ~ ns.x', '{{ ns.x }}'), characters],
  'a list twice, again and again': [doubled('[1]', 'ns.x + ns.x', ''), items],
  'a list of itself twice': [doubled('[1]', '[ns.x, ns.x]', '{{ ns.x }}'), work],
  'a list of itself twice as JSON': [doubled('[1]', '[ns.x, ns.x]', '{{ ns.x | tojson }}'), work],
  'two such lists compared': [
    `${doubled('[1]', '[ns.x, ns.x]', '')}{% set ny = namespace(y=[1]) %}{% for i in range(60) %}{% set ny.y = [ny.y, ny.y] %}{% endfor %}{{ ns.x == ny.y }}`,
    work,
  ],
  'a tuple of itself twice as a key': [doubled('(1,)', '(ns.x, ns.x)', '{{ {ns.x: 1} | length }}'), work],
  'a number squared': [doubled('3', 'ns.x * ns.x', '{{ ns.x }}'), 'a number of more than 4,300 digits'],
  ljust: ['{{ "a".ljust(1000000000) }}', characters],
  'center, the filter': ['{{ "a" | center(1000000000) }}', characters],
  zfill: ['{{ "1".zfill(1000000000) }}', characters],
  'a width by %': ['{{ "%1000000000d" % 1 }}', characters],
  'a width by format': ['{{ "{:1000000000}".format(1) }}', characters],
  replace: ['{{ ("a" * 100000).replace("a", "b" * 100000) }}', characters],
  'replace of nothing': ['{{ ("a" * 100000).replace("", "b" * 100000) }}', characters],
  join: ['{{ ("a" * 100000).join(range(100000) | map("string")) }}', characters],
  'join, the filter': ['{{ range(100000) | join("a" * 100000) }}', characters],
  indent: ['{{ ("\\n" * 100000) | indent("a" * 100000) }}', characters],
  'indent of JSON': ['{{ [1, [2]] | tojson(indent=1000000000) }}', characters],
  expandtabs: ['{{ "\\t".expandtabs(1000000000) }}', characters],
  batch: ['{{ [1] | batch(1000000000, 0) | list | length }}', items],
  slice: ['{{ [1] | slice(1000000000) | list | length }}', items],
  'what is written': ['{% set x = "a" * 4000000 %}{{ x }}{{ x }}', characters],
  'macros that call themselves twice': [
    '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(100) }}',
    work,
  ],
  'a macro that calls itself': [
    '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}',
    'maximum recursion depth exceeded',
  ],
  'a loop that calls itself': [
    '{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}',
    'maximum recursion depth exceeded',
  ],
  'brackets in brackets': [
    `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`,
    'stand too deep within each other',
  ],
  'lists in lists': [
    `{{ ${'['.repeat(100_000)}${']'.repeat(100_000)} }}`,
    'stand too deep within each other',
  ],
  'a long sum': [`{{ 1${'+1'.repeat(100_000)} }}`, 'stand too deep within each other'],
  'ifs in ifs': ['{% if 1 %}'.repeat(50_000), 'stand too deep within each other'],
  'a long template': ['a'.repeat(1_000_001), 'a template of more than 1,000,000 characters'],
};

describe('what has no end is refused in time', () => {
  test.each(Object.entries(endless))('%s', (_, [template, told]) => {
    refusedInTime(() => renderTemplate(template, {}), told);
  });
});

test('a long conversation is written', () => {
  const messages = Array.from({ length: 2000 }, (_, index) => ({
    role: 'user',
    content: `${index} `.repeat(200),
  }));
  const template =
    "{% set ns = namespace(x='') %}{% for m in messages %}{% set ns.x = ns.x + '<' + m.role + '>' + (m.content | trim) %}{% endfor %}{{ ns.x }}";
  expect(renderTemplate(template, { messages }).length).toBeGreaterThan(1_000_000);
});
