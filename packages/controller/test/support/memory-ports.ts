// Ports in memory, for tests outside of this package.

export { MemoryStore } from './memory-store.ts';
