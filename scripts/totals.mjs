/**
 * Adds up what the test runners themselves count: how many tests passed, failed and were skipped.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Counts of several runs. */
export class Totals {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** Adds the `test result:` lines in what `cargo test` printed. */
  addCargo(output) {
    const lines = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;
    for (const [, passed, failed, ignored] of output.matchAll(lines)) {
      this.passed += Number(passed);
      this.failed += Number(failed);
      this.skipped += Number(ignored);
    }
  }

  /** Adds jest's own report. A suite that did not even load counts as one failed test. */
  addJest(reportPath) {
    if (!existsSync(reportPath)) {
      this.failed += 1;
      return;
    }
    const report = JSON.parse(readFileSync(reportPath, 'utf8'));
    this.passed += report.numPassedTests;
    this.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    this.skipped += report.numPendingTests + report.numTodoTests;
  }

  /** `N passed, N failed`, and how many were skipped where any were. */
  toString() {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
    return `${this.passed} passed, ${this.failed} failed${skipped}`;
  }
}

/** Makes room for a report at this path: no report of an earlier run may be counted. */
export function clearReport(path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
}
