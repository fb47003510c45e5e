/**
 * Builds the native binary of this platform into `native/`.
 *
 * Without Rust there is nothing to build: the package then runs on its JavaScript backend.
 */
import { hasCommand, npmTool, run } from './tools.mjs';

if (hasCommand('cargo')) {
  const build = ['build', '--platform', '--release', '--no-js', '--output-dir', 'native'];
  process.exitCode = await run([...npmTool('@napi-rs/cli', 'napi'), ...build]);
} else {
  console.log(
    'cargo was not found: no native binary is built, and nanometer runs on its JavaScript backend (install Rust from https://rustup.rs for the native one)',
  );
}
