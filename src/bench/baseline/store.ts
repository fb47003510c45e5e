/**
 * Baselines: reports kept as files of a project, `.nanometer/baselines/NAME.json`. A file is written
 * beside its place and then moved there, so that a reader never meets half of one, and a disk that
 * fills up leaves the one before.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NanometerError, show } from '../../errors';
import type { Report } from '../report';
import { checkReport } from './check-report';

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** What to do about what a file system says. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room',
  EDQUOT: 'the quota is used up: make room',
  EROFS: 'the file system is read-only: run it in a folder that can be written',
  EACCES: 'that is not permitted: run it in a folder that can be written',
  EPERM: 'that is not permitted: run it in a folder that can be written',
  EEXIST: 'a file is where the folder has to be: move it away',
  ENOTDIR: 'a file is where the folder has to be: move it away',
  EISDIR: 'a folder is where the file has to be: move it away',
};

/** Where a project keeps its baselines. */
export function baselinesIn(project: string): string {
  return join(project, '.nanometer', 'baselines');
}

/**
 * Keeps a report as a baseline, in place of one of the same name.
 *
 * @param project - the folder of the project
 * @returns the file
 * @throws NanometerError `NANOMETER_INVALID_OPTION` for a name that is none, `NANOMETER_BASELINE`
 *   where it cannot be written
 */
export function saveBaseline(project: string, name: string, report: Report): string {
  checkName(name);
  const folder = baselinesIn(project);
  const file = join(folder, `${name}.json`);
  const temporary = join(folder, `.${name}.${randomUUID()}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(report)}\n`, { flag: 'wx', flush: true });
    renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw failure(`the baseline ${show(name)} cannot be saved as ${file}`, error);
  }
  return file;
}

/**
 * A report that was kept, or that `--report-format json` gave.
 *
 * @param project - the folder of the project; relative paths begin there
 * @param nameOrFile - a name, or a path: whatever ends with `.json` or has a separator in it
 * @throws NanometerError `NANOMETER_BASELINE` where there is none, or none that can be understood;
 *   `NANOMETER_INVALID_OPTION` where it is neither a name nor a path
 */
export function readBaseline(project: string, nameOrFile: string): Report {
  const isFile = nameOrFile.endsWith('.json') || /[/\\]/.test(nameOrFile);
  if (!isFile) checkName(nameOrFile);
  const file = isFile
    ? resolve(project, nameOrFile)
    : join(baselinesIn(project), `${nameOrFile}.json`);
  return checkReport(parse(read(project, file, nameOrFile), file), file);
}

/** The names of a project's baselines, sorted. */
export function baselineNames(project: string): string[] {
  try {
    return readdirSync(baselinesIn(project))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter((name) => NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}

/**
 * Whether a baseline can have that name, before there is anything to keep.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where it cannot
 */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new NanometerError(
    'NANOMETER_INVALID_OPTION',
    `${show(name)} is no name of a baseline: give 1 to 100 of A-Z, a-z, 0-9, ".", "_" and "-", not "." first`,
  );
}

function read(project: string, file: string, wanted: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw failure(`the baseline ${file} cannot be read`, error);
    }
    const names = baselineNames(project);
    const others =
      names.length === 0
        ? 'there is none yet: save one with --baseline'
        : `there are ${names.join(', ')}`;
    throw new NanometerError(
      'NANOMETER_BASELINE',
      `there is no baseline ${show(wanted)} (${file}); in .nanometer/baselines ${others}`,
      { cause: error },
    );
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NanometerError(
      'NANOMETER_BASELINE',
      `the baseline ${file} is no JSON: save it again with --baseline`,
      { cause: error },
    );
  }
}

function failure(what: string, error: unknown): NanometerError {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[code] ?? message;
  return new NanometerError('NANOMETER_BASELINE', `${what}: ${remedy} (${code})`, { cause: error });
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What kept the file from being written may keep it from being removed.
  }
}
