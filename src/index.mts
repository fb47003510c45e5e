/**
 * nanometer, for `import`. The names are those of the CommonJS module, which is loaded once however
 * it is asked for: there is one registry of meters.
 */
export {
  checkIndices,
  defineCatalog,
  definePipeline,
  exponential,
  FLOW_STATES,
  LEVELS,
  linear,
  mockClock,
  NanometerError,
  open,
  Snapshot,
} from './index.js';
export type * from './index.js';
