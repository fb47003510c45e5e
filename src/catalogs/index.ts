/**
 * The catalogs that come with the package: `import { session } from 'nanometer/catalogs'`.
 *
 * @packageDocumentation
 */
export { calimero } from './calimero';
export { flowscope } from './flowscope';
export { session } from './session';
export { torvyn } from './torvyn';
