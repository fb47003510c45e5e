/** A report as one HTML file: nothing is fetched, no script is needed, and none would run. */
import type { Comparison, Report } from '../report';
import { comparisonSection } from './comparison';
import { componentsSection } from './components';
import { loadD3 } from './d3';
import { headerOf, headlineOf } from './headline';
import { latencySection } from './latency';
import { markup, Markup } from './markup';
import { otherBackendSections, overheadSection } from './overhead';
import { resourcesSection } from './resources';
import { contentsOf, sectionOf } from './section';
import { settingSection } from './setting';
import { streamsSection } from './streams';
import { STYLE } from './style';
import { timelineSection } from './timeline';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 15V9h3v6zM6.5 15V1h3v14zM12 15V6h3v9z' fill='%232f6bed'/%3E%3C/svg%3E";

/**
 * A report, and what came of comparing it, for people.
 *
 * @param comparison - `null` where it was compared with nothing
 */
export async function htmlOf(report: Report, comparison: Comparison | null): Promise<string> {
  const d3 = await loadD3();
  const sections = [
    ...(comparison === null ? [] : [comparisonSection(comparison, d3)]),
    latencySection(report, d3),
    timelineSection(report, d3),
    componentsSection(report, d3),
    streamsSection(report),
    overheadSection(report, d3),
    ...otherBackendSections(report, d3),
    resourcesSection(report),
    settingSection(report),
  ];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="nanometer ${report.environment.nanometer}">
<title>${report.pipeline.name} – nanometer bench</title>
<link rel="icon" href="${ICON}">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">To the figures</a>
${headerOf(report)}
${contentsOf(sections)}
<main id="content">
${headlineOf(report, comparison, d3)}
${sections.map(sectionOf)}
</main>
<footer><p>Made by nanometer ${report.environment.nanometer} from a report of the format <code>${report.format}</code>.</p></footer>
</body>
</html>
`.text;
}
