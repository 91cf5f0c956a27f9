// The public face of the desired-state language.

export * from './clock.ts';
export * from './condition.ts';
export * from './fingerprint.ts';
export * from './ids.ts';
export * from './result.ts';
export * from './units.ts';
