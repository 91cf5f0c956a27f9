// The public face of the review: what a change to the fleet repository would do, before it is merged.

export type { BoardChange, BoardMove, Changes, FleetChange } from './changes.ts';
export * from './fleet-preview.ts';
export * from './policy.ts';
export * from './render/render-review.ts';
export * from './review.ts';
export * from './review-change.ts';
export { reviewJson, stepJson } from './review-json.ts';
export * from './sides.ts';
export * from './snapshot.ts';
export { readSnapshot } from './snapshot-lines.ts';
export * from './warnings.ts';
