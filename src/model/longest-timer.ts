/** Milliseconds; a Node timer that is set to more fires at once. */
export const longestTimerMs = 2 ** 31 - 1;
