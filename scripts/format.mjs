/** Formats everything: prettier, and rustfmt where Rust is installed. */
import { hasCommand, npmTool, run } from './tools.mjs';

const prettier = await run([...npmTool('prettier'), '--write', '--log-level=warn', '.']);
const rustfmt = hasCommand('cargo') ? await run(['cargo', 'fmt', '--all']) : 0;
process.exitCode = prettier || rustfmt;
