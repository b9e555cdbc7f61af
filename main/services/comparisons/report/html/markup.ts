/** Text as HTML and SVG print it, in an element or a quoted attribute. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    // HTML allows no other control characters, not even as references.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');

export interface Cell {
  readonly text: string;
  readonly html?: string;
  readonly tone?: string;
}

/** A table whose first column are names, the others numbers to the right. */
export const table = (
  titles: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  kind = 'numbers',
): string => {
  const head = titles.map((title) => `<th scope="col">${escaped(title)}</th>`).join('');
  const body = rows.map(
    (row) =>
      `<tr>${row
        .map((cell, index) => {
          const { text, html, tone } =
            typeof cell === 'string' ? { text: cell, html: undefined, tone: undefined } : cell;
          const inner = html ?? escaped(text);
          const className = tone === undefined ? '' : ` class="${tone}"`;
          return index === 0 ? `<th scope="row"${className}>${inner}</th>` : `<td${className}>${inner}</td>`;
        })
        .join('')}</tr>`,
  );
  return `<div class="scroll"><table class="${kind}"><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
};

/** A sentence, in which numbers and their units stay on one line. */
const sentence = (text: string): string =>
  escaped(text)
    .replace(/(\d) (?=%|points|s\b|[kMGT]?B\b)/g, '$1&nbsp;')
    .replace(/\bp (=|&lt;) /g, 'p&nbsp;$1&nbsp;');

export const paragraph = (text: string, className = ''): string =>
  text === '' ? '' : `<p${className === '' ? '' : ` class="${className}"`}>${sentence(text)}</p>`;

export const list = (texts: readonly string[], className = ''): string =>
  texts.length === 0
    ? ''
    : `<ul${className === '' ? '' : ` class="${className}"`}>${texts.map((text) => `<li>${sentence(text)}</li>`).join('')}</ul>`;
