import { describe, expect, test } from 'vitest';
import { asksForDate } from '../../../main/engine/templates/asks-for-date.ts';
import { readNumber } from '../../../main/engine/formats/written-number.ts';
import { renderTemplate } from '../../../main/engine/templates/render-template.ts';

const date = new Date('2026-11-28');
const render = (template: string, variables: Record<string, unknown> = {}): string =>
  renderTemplate(template, variables, { date });

/** Each right value is Jinja2 3.1.6's, by transformers 5.24. */
describe('as Jinja2', () => {
  test.each([
    ["{{ '\\n\\n  x \\n'.strip('\\n') }}|", '  x |'],
    ["{{ 'heLLO wORLD' | capitalize }}", 'Hello world'],
    ["{{ '😀a' | length }}{{ '😀ab'[1:2] }}{{ '😀ab'[-1] }}", '2ab'],
    ['{% for i in [1, 2, 3] %}a{{ i }}{% if i == 2 %}{% continue %}{% endif %}b{% endfor %}', 'a1ba2a3b'],
    ['{% for i in [1, 2, 3] %}a{{ i }}{% if i == 2 %}{% break %}{% endif %}b{% endfor %}', 'a1ba2'],
    ['{% if true %}\r\n  x\r\n{% endif %}\r\n', '  x\n'],
    ['{% for i in [1] %}{% continue %}{% else %}none{% endfor %}', 'none'],
    ['{% for x in [1] %}{{ tools }}{% endfor %}{% set tools = 1 %}', ''],
    ['{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}', '231'],
    [
      '{% macro m(a, b=a) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, c=4) }}',
      "12(3,){'c': 4}",
    ],
    ["{{ {'a': [1, 2.5, None, True, 'é\"']} | tojson }}", '{"a": [1, 2.5, null, true, "é\\""]}'],
    ["{{ [1, {'b': 2}] | tojson(indent=2) }}", '[\n  1,\n  {\n    "b": 2\n  }\n]'],
    [
      "{{ ['x', \"it's\", none] }}{{ (1,) }}{{ 7 // -2 }}{{ -7 % 3 }}{{ 1e16 }}{{ 3 / 2 }}",
      "['x', \"it's\", None](1,)-421e+161.5",
    ],
    ["{{ '%5.1f|%-4s|%03d' % (2.25, 'a', 7) }}{{ '{:>4}{!r}'.format(1, 'b') }}", "  2.2|a   |007   1'b'"],
  ] as [string, string][])('%s', (template, text) => {
    expect(render(template, { tools: 'given' })).toBe(text);
  });
});

test('whole numbers of the data are ints; a marked float keeps its point', () => {
  expect(
    render('{{ x }} {{ y }} {{ z | tojson }}', { x: 1, y: readNumber('1.0'), z: [readNumber('2.0'), 2.5] }),
  ).toBe('1 1.0 [2.0, 2.5]');
});

test('generation blocks that write into something else have no place', () => {
  expect(render('{% macro m() %}{% generation %}a{% endgeneration %}{% endmacro %}{{ m() }}')).toBe('a');
});

describe('what is not done exactly is refused by its name', () => {
  test.each([
    ["{{ ['a'] | map('upper') }}", 'printing a generator'],
    ["{{ 'x' | wordwrap }}", 'the filter wordwrap'],
    ["{% include 'x' %}", 'other templates, which include needs'],
    ['{% block x %}{% endblock %}', 'the block tag'],
    ['{{ 2.5 ** 2 }}', '** of numbers with a fraction'],
    ["{{ 'ß'.casefold() }}", 'the method casefold of text'],
    ["{{ strftime_now('%s') }}", 'the date format "%s"'],
    ['{{ lipsum() }}', 'the random text of lipsum'],
  ])('%s', (template, message) => {
    expect(() => render(template)).toThrow(
      expect.objectContaining({ kind: 'unsupported', message: expect.stringContaining(message) }),
    );
  });
  test('and what Jinja2 refuses too', () => {
    expect(() => render('{{ [1].append(2) }}')).toThrow(
      "access to attribute 'append' of 'list' object is unsafe.",
    );
    expect(() => render('a\n{{ x.y }}')).toThrow(
      expect.objectContaining({ line: 2, message: "'x' is undefined" }),
    );
    expect(() => render('{{ 1 | nothing }}')).toThrow("No filter named 'nothing'.");
    expect(() => render('{{ raise_exception("no") }}')).toThrow(expect.objectContaining({ kind: 'raised' }));
  });
});

test('the date is the one that is given, whatever the clock and the time zone say', () => {
  expect(render("{{ strftime_now('%d %b %Y %-d %B %A %j %H:%M %U %V %G %p%z') }}")).toBe(
    '28 Nov 2026 28 November Saturday 332 00:00 47 48 2026 AM',
  );
  expect(() => renderTemplate("{{ strftime_now('%d') }}", {})).toThrow('strftime_now, as no date is given');
  expect(asksForDate("{% if strftime_now is defined %}{{ strftime_now('%d') }}{% endif %}")).toBe(true);
  expect(asksForDate('strftime_now')).toBe(false);
});

test('objects whose keys JavaScript has moved are refused, Maps keep theirs', () => {
  const show = '{{ x | tojson }}';
  expect(() => render(show, { x: JSON.parse('{"b": 1, "10": 2}') as unknown })).toThrow(
    'an object with the key "10" beside others',
  );
  expect(render(show, { x: { 10: 2 } })).toBe('{"10": 2}');
  const map = new Map([
    ['b', 1],
    ['10', 2],
  ]);
  expect(render(show, { x: map })).toBe('{"b": 1, "10": 2}');
});

test('loops within loops come to an end', () => {
  const loops = (inner: string) =>
    `{% for i in range(3000) %}{% for j in range(${inner}) %}{% endfor %}{% endfor %}`;
  expect(render(loops('600'))).toBe('');
  expect(() => render(loops('700'))).toThrow('its loops go round more than 2,000,000 times');
  const filtered = '{% for i in range(3000) %}{% for j in range(700) if j < 0 %}{% endfor %}{% endfor %}';
  expect(() => render(filtered)).toThrow('its loops go round more than');
});
