/** What the last line on stderr begins with where a process was ended that took more memory than it may. */
export const memoryLimitWords = 'the process took more memory than it may';
