/** What the last line on stderr begins with where a process was ended that took more memory than it may. */
export const memoryLimitWords = 'reading took more memory than it may';
