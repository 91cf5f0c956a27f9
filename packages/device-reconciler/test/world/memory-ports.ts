// The ports in memory, for tests outside of this package: the same fakes that the contract suites hold against the real adapters.

export { FakeBoot } from './fake-boot.ts';
export { FakeEfiVariables } from './fake-efi-variables.ts';
export { FakeEsp } from './fake-esp.ts';
export { FakeArtifacts, FakeFacts, FakeRecords } from './fake-surroundings.ts';
export { BY_CONTENT, type Measure } from './measure.ts';
export { Power, PowerCut } from './power.ts';
