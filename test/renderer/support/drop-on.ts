import type { Locator, Page } from 'playwright-core';

/** Drops files and folders of this machine on the middle of something, as the system does: the page gets no more than it would of a person's drop. */
export const dropOn = async (page: Page, target: Locator, paths: readonly string[]): Promise<void> => {
  await dragOver(page, target, paths);
  await tell(page, target, 'drop', paths);
};

/** The same without letting go. */
export const dragOver = async (page: Page, target: Locator, paths: readonly string[]): Promise<void> => {
  await tell(page, target, 'dragEnter', paths);
  await tell(page, target, 'dragOver', paths);
};

const tell = async (
  page: Page,
  target: Locator,
  type: 'dragEnter' | 'dragOver' | 'drop',
  paths: readonly string[],
): Promise<void> => {
  const box = (await target.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  await session.send('Input.dispatchDragEvent', {
    type,
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    data: { items: [], files: [...paths], dragOperationsMask: 1 },
  });
  await session.detach();
};
