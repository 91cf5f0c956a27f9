// The repository around a directory, for readers that need no controller: `seatrial diff`.

export { openWorkingRepository, type WorkingRepository } from './adapters/working-repository.ts';
export { errorRow, PortError } from './errors.ts';
