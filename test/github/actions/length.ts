// How long GitHub finds a text: in characters of Unicode, where JavaScript counts some of them twice.

export const codePoints = (text: string): number => Array.from(text).length;
