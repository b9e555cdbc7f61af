/** Moves the focus by one row of the page's lists: from the row that has it, or to the first. */
export const moveInList = (by: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLElement>('main .row-link')];
  const focused = document.activeElement;
  const at = rows.findIndex((row) => row === focused || row.closest('tr, li')?.contains(focused) === true);
  const next = at === -1 ? rows[0] : rows[at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};
