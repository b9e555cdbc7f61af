const notices = new Map<string, string>();

/** Keeps a message for the page that opens next. */
export const keepNotice = (page: string, message: string): void => void notices.set(page, message);

/** The message that was kept, once. */
export const takeNotice = (page: string): string | undefined => {
  const message = notices.get(page);
  notices.delete(page);
  return message;
};
