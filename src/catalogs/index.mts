/** The catalogs, for `import`: those of the CommonJS module. See `../index.mts`. */
export { calimero, flowscope, session, torvyn } from './index.js';
