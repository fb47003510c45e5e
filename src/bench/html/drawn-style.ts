/** The style of what is drawn. */

const VARIANTS = [
  'off',
  'production',
  'diagnostic',
  'none',
  'opentelemetry',
  'main',
  'good',
  'bad',
];

const SHAPES = `
figure { margin-top: 26px; min-width: 0; }
.indented .plot { width: calc(100% - 78px); margin-left: 78px; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 2px 20px; margin-bottom: 10px; }
svg { display: block; overflow: visible; }
svg svg { overflow: hidden; }
.plot text { font-size: 12px; fill: var(--soft); }
.plot .name { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
.plot .value, .plot .flag { font-size: 13px; fill: var(--ink); }
.plot .strong { font-weight: 650; }
.plot .halo, .plot .lane, .plot .tick { stroke: var(--sheet); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.plot .lane { fill: var(--ink); }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); stroke-opacity: 0.5; } .zero { stroke: var(--soft); }
.mark { stroke: var(--ink); stroke-opacity: 0.45; stroke-dasharray: 2 3; }
.limit { stroke: var(--ink); stroke-width: 2; }
.track { fill: var(--grid); rx: 5px; } .bar { fill: var(--main); rx: 5px; } .hover { fill: transparent; }
.stroke { fill: none; stroke-width: 1.75; vector-effect: non-scaling-stroke; stroke-linejoin: round; } .thick { stroke-width: 2.5; }
.fill { fill-opacity: 0.13; } .band { fill-opacity: 0.1; }
.turn { rx: 3px; } .interval { fill: var(--soft); fill-opacity: 0.35; rx: 4px; } .point { fill: var(--soft); stroke: var(--sheet); stroke-width: 2; }
.span { stroke: var(--main); stroke-width: 3; stroke-opacity: 0.4; } .span ~ .point { fill: var(--main); }
.sample { fill-opacity: 0.5; } .median { stroke-width: 3; stroke-linecap: round; }
.legend { display: flex; gap: 16px; font-size: 0.8125rem; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { width: 10px; height: 10px; background: var(--main); } .legend .round { border-radius: 50%; }
.legend .upright { width: 2px; height: 14px; background: var(--ink); } .legend .filled { width: 16px; border-radius: 5px; }
.legend .wide { width: 20px; height: 8px; border-radius: 4px; background: var(--soft); opacity: 0.5; }
`;

/** A colour each for what it is of. */
const coloured = VARIANTS.map(
  (name) => `
.fill.${name}, .band.${name}, .turn.${name}, .bar.${name}, .interval.${name}, .point.${name}, .sample.${name} { fill: var(--${name}); }
.stroke.${name}, .median.${name} { stroke: var(--${name}); }`,
).join('');

/** All of it. */
export const DRAWN = `${SHAPES}${coloured}
.off.stroke { stroke-dasharray: 5 3; } .diagnostic.stroke { stroke-width: 2.5; }
`;
