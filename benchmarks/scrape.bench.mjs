/**
 * What does a scrape of 10,000 histogram series (3 labels, 25 bounds) cost: how long does it take,
 * and for how long does it stop the event loop of the process that is scraped?
 *
 * Each library is a process of its own; the scraper is this one. The control is the same loop while
 * a process beside it is scraped: what a scrape costs any loop of a machine with few processors,
 * whoever is scraped.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { LIBRARIES, SERIES } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { median } from './harness/race.mjs';
import { digits, keep, print, progress } from './harness/report.mjs';

const SCRAPES = 8;
const DETECTORS = ['monitor', 'spin'];

const where = machine();
const bystander = await start('nanometer');
const subjects = [];
for (const library of LIBRARIES) subjects.push(await start(library));
try {
  // One unmeasured scrape each: code is compiled, buffers grow. Then in turn, a scrape each.
  for (const subject of [bystander, ...subjects]) await scrape(subject.url);
  for (let round = 0; round < SCRAPES; round += 1) {
    for (const [place, subject] of subjects.entries()) {
      progress(round * subjects.length + place, SCRAPES * subjects.length, subject.library);
      for (const detector of DETECTORS) await measure(subject, detector);
    }
  }
} finally {
  for (const { child } of [bystander, ...subjects]) child.send({ leave: true });
}

const rows = subjects.map(({ library, bytes, scrapeMs, longestMs, controlMs }) => ({
  library,
  series: SERIES,
  bytes,
  scrapeMs: median(scrapeMs),
  scrapeWorstMs: Math.max(...scrapeMs),
  ...Object.fromEntries(
    DETECTORS.flatMap((detector) => [
      [`${detector}Ms`, median(longestMs[detector])],
      [`${detector}WorstMs`, Math.max(...longestMs[detector])],
      [`${detector}ControlMs`, median(controlMs[detector])],
      // Each against the control right behind it.
      [
        `${detector}AddedMs`,
        median(longestMs[detector].map((ms, i) => ms - controlMs[detector][i])),
      ],
    ]),
  ),
}));
print(
  `A scrape of ${SERIES} histogram series (medians of ${SCRAPES}, milliseconds)`,
  ['', 'scrape', 'longest turn', 'control', 'monitorEventLoopDelay', 'control', 'MB'],
  rows.map((row) => [
    row.library,
    digits(row.scrapeMs),
    digits(row.spinMs),
    digits(row.spinControlMs),
    digits(row.monitorMs),
    digits(row.monitorControlMs),
    digits(row.bytes / 1e6),
  ]),
);
keep('scrape', { question: 'scrape', machine: where, scrapes: SCRAPES, rows });

async function start(library) {
  const child = fork(new URL('./subjects/scrape.mjs', import.meta.url), [library]);
  const [{ url }] = await once(child, 'message');
  const empty = () => Object.fromEntries(DETECTORS.map((detector) => [detector, []]));
  return { library, child, url, bytes: 0, scrapeMs: [], longestMs: empty(), controlMs: empty() };
}

async function measure(subject, detector) {
  let ms = 0;
  const longest = await watched(subject, detector, async () => {
    const answer = await scrape(subject.url);
    ms = answer.ms;
    subject.bytes = answer.bytes;
  });
  const control = await watched(subject, detector, () => scrape(bystander.url));
  // The spinning loop competes with the scrape for processors: time the quiet ones.
  if (detector === 'monitor') subject.scrapeMs.push(ms);
  subject.longestMs[detector].push(longest);
  subject.controlMs[detector].push(control);
}

async function watched({ child }, detector, during) {
  child.send({ begin: detector });
  await once(child, 'message');
  await during();
  child.send({ end: detector });
  const [{ longestMs }] = await once(child, 'message');
  return longestMs;
}

function scrape(url) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    http
      .get(url, { agent: false }, (response) => {
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length));
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
          else resolve({ ms: performance.now() - started, bytes });
        });
      })
      .on('error', reject);
  });
}
