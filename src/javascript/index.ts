/** The JavaScript backend; see `backend.ts`. */
export { javascriptBackend } from './backend';
