/** What a model writes, for a terminal: without the control characters by which a text could steer it. */
export const printable = (text: string): string =>
  text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
