// What tests outside of this package bring to life around a controller: a written fleet, boards of paper, and patience.

export { eventually } from './eventually.ts';
export { PaperBoard } from './paper-board.ts';
export { need } from './told-board.ts';
export { FACTORY, filesOf, NEWER, RELEASES, type WrittenFleet } from './written-fleet.ts';
