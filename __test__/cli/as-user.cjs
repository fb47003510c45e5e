/**
 * Runs the command as another user, by argv: the user, then the command's arguments. All of it is
 * loaded before, since that user may not be able to read where this package is.
 */
'use strict';
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const CLI = join(__dirname, '../../dist/cli');
const [user, ...args] = process.argv.slice(2);

async function main() {
  const files = readdirSync(CLI, { recursive: true });
  const modules = files.filter((file) => file.endsWith('.js') && file !== 'main.js');
  await Promise.all(modules.map((file) => import(join(CLI, file))));
  process.setgroups([]);
  process.setgid(Number(user));
  process.setuid(Number(user));
  await require(join(CLI, 'run.js')).run([process.execPath, 'nanometer', ...args]);
}

void main();
