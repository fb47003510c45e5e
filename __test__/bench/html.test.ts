/** A report as a page, in a real browser: what it shows, to whom, and what it asks for. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { describeNativeWith } from '../conformance/judges';
import { OpenPage, startBrowser } from './browser';
import type { Comparison, Report } from '../../src/bench/report';
import { COMPARISON } from './fixtures/comparison';
import { EMPTY, FULL, SCRIPT } from './fixtures/report';

const FIGURES = [
  'Change since the baseline',
  'How latencies are spread',
  'Percentiles',
  'Elements a second',
  'Latency p99',
  'Share of the time',
  'Time of a call',
  'Elements waiting',
  'Time held back',
  'Elements a second, each round a point',
  'Throughput lost',
  'Time of the loop, an element',
  'Elements a second, each round a point on the javascript backend',
  'Throughput lost on the javascript backend',
  'Time of the loop, an element on the javascript backend',
];

const NONSENSE = /NaN|undefined|Infinity|\[object/;

describeNativeWith('chromium', "a bench's report as a page", () => {
  let browser: Browser;
  let compared: OpenPage;
  let empty: OpenPage;

  beforeAll(async () => {
    browser = await startBrowser();
    const [first, second] = pagesOf([FULL, COMPARISON], [EMPTY, null]);
    compared = await OpenPage.open(browser, first!);
    empty = await OpenPage.open(browser, second!);
  });

  afterAll(() => browser.close());

  test('can be read by all', async () => {
    await compared.page.emulateMedia({ colorScheme: 'light' });
    expect(await compared.violations()).toEqual([]);
    expect(await compared.faintText()).toEqual([]);
    expect(await empty.violations()).toEqual([]);
  });

  test('has text that stands out in the dark', async () => {
    await compared.page.emulateMedia({ colorScheme: 'dark' });
    expect(await compared.violations('color-contrast')).toEqual([]);
    expect(await compared.faintText()).toEqual([]);
  });

  test('has paper of its own in either scheme', async () => {
    const paper = 'getComputedStyle(document.body).backgroundColor';
    await compared.page.emulateMedia({ colorScheme: 'light' });
    const light = await compared.page.evaluate(paper);
    await compared.page.emulateMedia({ colorScheme: 'dark' });
    expect(await compared.page.evaluate(paper)).not.toBe(light);
  });

  test.each([360, 768, 1280])('is no wider than a window of %d pixels', async (width) => {
    expect(await compared.overflow(width)).toBeLessThanOrEqual(0);
    expect(await empty.overflow(width)).toBeLessThanOrEqual(0);
  });

  test('asks for nothing, and complains of nothing', async () => {
    for (const { requests, complaints } of [compared, empty]) {
      expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    }
  });

  test('draws every figure under its name, and describes it in numbers', async () => {
    const images = (await compared.told()).filter((line) => line.startsWith('- img'));
    expect(images).toEqual(FIGURES.map((name) => expect.stringContaining(`"${name}"`)));
    const descriptions = await compared.page.locator('svg > desc').allTextContents();
    expect(descriptions).toEqual(FIGURES.map(() => expect.stringMatching(/\d/)));
    expect(await compared.page.content()).not.toMatch(NONSENSE);
  });

  test('says no nonsense of a run in which nothing ended', async () => {
    expect(await empty.page.content()).not.toMatch(NONSENSE);
    expect((await empty.told()).filter((line) => line.startsWith('- img'))).toEqual([]);
    expect(await empty.page.locator('.outcome').innerText()).toMatch(/interrupted/);
  });

  test('names regressions at the top, and marks what is beyond its threshold', async () => {
    expect(await compared.page.locator('.outcome').innerText()).toMatch(/2 regressions/);
    const judged = await compared.page.locator('#comparison td:last-child').allInnerTexts();
    expect(judged.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      '✕ regression',
      '= the same',
      '✓ better',
      '✕ regression',
      '? undecided',
      '↓ worse',
    ]);
    const notices = await compared.page.locator('#comparison .notices').innerText();
    expect(notices).toMatch(/another machine/);
  });

  test('runs nothing that a name has in it', async () => {
    expect(await compared.page.content()).not.toContain(SCRIPT);
    expect(await compared.page.title()).toBe('orders.ts – nanometer bench');
    expect(await compared.page.locator('.chain li').last().innerText()).toBe(SCRIPT);
  });

  test('leads by keys to the figures, to each section, and to what is folded', async () => {
    const { page } = compared;
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('To the figures');
    const lost = `[...document.querySelectorAll('nav a')].filter((link) => !document.querySelector(link.hash))`;
    expect(await page.evaluate(`${lost}.length`)).toBe(0);
    await page.locator('#distribution summary').press('Enter');
    expect(await page.locator('#distribution table').isVisible()).toBe(true);
  });
});

/** In a process of its own: jest's modules cannot import D3's. */
function pagesOf(...given: [Report, Comparison | null][]): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(__dirname, 'fixtures/html-of.cjs')],
    { input: JSON.stringify(given), encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}
