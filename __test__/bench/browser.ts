/** Pages in headless Chromium, and what it has to say about them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { temporaryDirectory } from '../support/surroundings';

const AXE = readFileSync(require.resolve('axe-core'), 'utf8');

/** Chromium as Debian installs it. */
export async function startBrowser(): Promise<Browser> {
  const found = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' });
  return chromium.launch({ executablePath: found.stdout.trim() });
}

/** A page that is open, what it asked the network for, and what went wrong in it. */
export class OpenPage {
  /** Addresses other than the page's own. */
  readonly requests: string[] = [];
  /** Messages of the console, and errors that nothing caught. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Opens HTML from a file, as a reader would. */
  static async open(browser: Browser, html: string): Promise<OpenPage> {
    const file = join(temporaryDirectory(), 'report.html');
    writeFileSync(file, html);
    const { href } = pathToFileURL(file);
    const opened = new OpenPage(await browser.newPage());
    opened.page.on('request', (request) => {
      if (request.url() !== href) opened.requests.push(request.url());
    });
    await opened.page.goto(href);
    return opened;
  }

  /** What axe finds wrong by these rules, or by all: a line each, with the first such element. */
  async violations(...rules: string[]): Promise<string[]> {
    await this.page.evaluate(AXE);
    const options = {
      resultTypes: ['violations'],
      ...(rules.length > 0 && { runOnly: { type: 'rule', values: rules } }),
    };
    const run = `axe.run(document, ${JSON.stringify(options)})`;
    const { violations } = (await this.page.evaluate(run)) as AxeResults;
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
    );
  }

  /** By how many pixels the page is wider than a window of this width. */
  async overflow(width: number): Promise<number> {
    await this.page.setViewportSize({ width, height: 800 });
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  /** Roles and names as a screen reader is told them, a line each. */
  async told(): Promise<string[]> {
    const told = await this.page.locator('body').ariaSnapshot();
    return told.split('\n').map((line) => line.trim());
  }

  /** Text of drawings, which axe passes over, whose colour is not 4.5 : 1 from the paper. */
  async faintText(): Promise<string[]> {
    return this.page.evaluate(FAINT);
  }
}

/** Runs in the page: relative luminance and contrast as WCAG 2 defines them. */
const FAINT = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isSeen = (colour) => parts(colour)[3] !== 0;
  const paper = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return isSeen(backgroundColor) ? backgroundColor : paper(element.parentElement);
  };
  return [...document.querySelectorAll('svg text')].flatMap((text) => {
    const [low, high] = [getComputedStyle(text).fill, paper(text)].map(luminance).sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    return contrast >= 4.5 ? [] : [text.textContent + ': ' + contrast.toFixed(2)];
  });
})()`;
