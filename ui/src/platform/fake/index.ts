export { startFake } from './start';
export { FakeBackend, type FakeOptions } from './backend';
