/**
 * The page's colours. Text and its background are at least 4.5 : 1 apart in both schemes, which a
 * browser checks in a test. Levels have the colours that document 001 draws them in.
 */

const LIGHT = `
  color-scheme: light;
  --page: #f3f5f9; --sheet: #ffffff; --ink: #141922; --soft: #525c6b; --hair: #e2e6ee; --grid: #e9edf3;
  --main: #2563eb; --glow: #2563eb14; --wash: #eef3fe;
  --off: #6b7280; --production: #2563eb; --diagnostic: #c26a06; --none: #7c3aed; --opentelemetry: #0f766e;
  --good: #15703a; --good-wash: #e8f6ed; --bad: #b3211d; --bad-wash: #fdeceb;
  --open: #8a4b06; --open-wash: #fdf3e1; --shade: 0 1px 2px #10182810, 0 8px 24px #1018280a;`;

const DARK = `
  color-scheme: dark;
  --page: #0c0f14; --sheet: #14191f; --ink: #e9edf3; --soft: #a3aebd; --hair: #252c36; --grid: #212832;
  --main: #6ea3ff; --glow: #6ea3ff22; --wash: #17223a;
  --off: #97a1af; --production: #6ea3ff; --diagnostic: #f0a53c; --none: #b595ff; --opentelemetry: #4fd1c5;
  --good: #58d68a; --good-wash: #11291c; --bad: #ff8a80; --bad-wash: #33191a;
  --open: #f3b45c; --open-wash: #2c2112; --shade: none;`;

/** Colours as custom properties; paper is light. */
export const COLOURS = `
:root {${LIGHT}
}
@media screen and (prefers-color-scheme: dark) { :root {${DARK}
} }
`;
