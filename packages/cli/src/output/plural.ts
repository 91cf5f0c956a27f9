// Counted nouns.

/** `1 board`, `2 boards`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
