/** The page's style: colours, then the page, then what is drawn. */
import { COLOURS } from './colours';
import { DRAWN } from './drawn-style';

const PAGE = `
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 ui-sans-serif, system-ui,
  -apple-system, "Segoe UI", Roboto, "Noto Sans", Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
body > header, body > nav > ul, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 clamp(16px, 4vw, 40px); }
h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h1, h2, h3 { letter-spacing: -0.015em; line-height: 1.2; }
code { font: 0.92em ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--main); outline-offset: 3px; border-radius: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 16px; top: -60px; background: var(--sheet); color: var(--ink); padding: 8px 14px; z-index: 3; }
.skip:focus { top: 12px; }

body > header { padding-top: clamp(28px, 6vw, 64px); padding-bottom: 28px; }
.brand { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 24px; color: var(--soft); font-size: 0.875rem; }
.brand span { color: var(--main); font-weight: 600; }
h1 { font-size: clamp(2rem, 6vw, 3.25rem); font-weight: 680; letter-spacing: -0.035em; margin: 14px 0 18px; overflow-wrap: anywhere; }
.chain { list-style: none; display: flex; flex-wrap: wrap; gap: 8px 0; margin-bottom: 20px; }
.chain li { display: flex; align-items: center; min-width: 0; font-size: 0.875rem; }
.chain code { background: var(--sheet); border: 1px solid var(--hair); border-radius: 999px; padding: 4px 13px; }
.chain li + li::before { content: ""; flex: none; width: 22px; height: 1px; background: var(--soft); opacity: 0.55; }
.summary { font-size: clamp(1.06rem, 2.4vw, 1.3rem); line-height: 1.45; color: var(--soft); max-width: 44em; text-wrap: pretty; }

body > nav { position: sticky; top: 0; z-index: 2; background: var(--page); border-bottom: 1px solid var(--hair); }
body > nav > ul { list-style: none; display: flex; gap: 4px 22px; overflow-x: auto; scrollbar-width: none; }
body > nav a { display: block; padding: 11px 0; color: var(--soft); text-decoration: none; white-space: nowrap; font-size: 0.875rem; }
body > nav a:hover { color: var(--main); }
body > nav a:focus-visible { outline-offset: -3px; }

main { padding-top: 24px; }
section, .notices li { background: var(--sheet); border: 1px solid var(--hair); border-radius: 16px; box-shadow: var(--shade); }
main > section { padding: clamp(20px, 4vw, 36px); margin-top: 24px; }
main > section > h2 { font-size: clamp(1.3rem, 3vw, 1.6rem); font-weight: 650; }
.lead { color: var(--soft); max-width: 46em; margin: 8px 0 0; text-wrap: pretty; }
.cards { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 16px; }
.card { position: relative; padding: 20px 22px 60px; overflow: hidden; }
.card h2 { font-size: 0.875rem; font-weight: 550; letter-spacing: 0; color: var(--soft); }
.card p { font-size: 0.875rem; color: var(--soft); }
.card .big { font-size: 2.5rem; font-weight: 660; letter-spacing: -0.035em; line-height: 1.2; color: var(--ink); margin: 4px 0 6px; white-space: nowrap; }
.card .big span { font-size: 1.05rem; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.card .word { font-size: 1.45rem; line-height: 2.05; letter-spacing: -0.02em; }
.card.outcome { padding-bottom: 18px; }
.spark { position: absolute; left: 0; bottom: 0; }

.notices { list-style: none; display: grid; gap: 10px; margin-bottom: 20px; }
section .notices { margin: 20px 0 0; }
.notices li { display: flex; gap: 12px; padding: 13px 18px; border-radius: 12px; box-shadow: none; font-size: 0.9375rem; }
.sign { flex: none; width: 20px; height: 20px; margin-top: 2px; border: 1.5px solid; border-radius: 50%; font-size: 0.75rem; font-weight: 700; line-height: 17px; text-align: center; }
.notices.note .sign { color: var(--main); }
.notices p { min-width: 0; overflow-wrap: anywhere; }
.notices.warning li { background: var(--open-wash); border-color: transparent; }
.notices.warning strong, .notices.warning .sign { color: var(--open); }
.notices.note li { background: var(--wash); border-color: transparent; }
.notices strong { font-weight: 650; margin-right: 4px; }

.verdict { font-weight: 550; color: var(--soft); }
.good, .verdict.good { color: var(--good); } .bad, .verdict.bad { color: var(--bad); } .open, .verdict.open { color: var(--open); }
.card .word.good { color: var(--good); } .card .word.open { color: var(--open); }
td .verdict { white-space: nowrap; padding: 2px 9px; border-radius: 999px; background: var(--page); }
td .verdict.good { background: var(--good-wash); } td .verdict.bad { background: var(--bad-wash); } td .verdict.open { background: var(--open-wash); }

.pair, .trio { display: grid; gap: 8px clamp(28px, 5vw, 56px); grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); }
.trio { grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 28px clamp(28px, 4vw, 48px); margin-top: 26px; }
.pair > *, .trio > * { min-width: 0; }
h3 { font-size: 0.9375rem; font-weight: 620; letter-spacing: 0; }
.facts { margin-top: 8px; font-size: 0.875rem; }
.facts div { display: flex; justify-content: space-between; gap: 20px; padding: 7px 0; border-top: 1px solid var(--hair); }
.facts div:first-child { border-top: 0; }
.facts dt { color: var(--soft); flex: none; max-width: 60%; } .facts dd { text-align: right; min-width: 0; overflow-wrap: anywhere; }
.quiet { color: var(--soft); font-size: 0.875rem; margin-top: 14px; }

.scroll { background: linear-gradient(90deg, var(--sheet) 40%, transparent) 0 0 / 36px 100% no-repeat local,
  linear-gradient(270deg, var(--sheet) 40%, transparent) 100% 0 / 36px 100% no-repeat local,
  linear-gradient(90deg, var(--hair), transparent) 0 0 / 14px 100% no-repeat,
  linear-gradient(270deg, var(--hair), transparent) 100% 0 / 14px 100% no-repeat; overflow-x: auto; margin-top: 22px; max-height: 480px; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
th, td { padding: 8px 20px 8px 0; text-align: left; border-bottom: 1px solid var(--hair); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; max-width: 22em; overflow-wrap: anywhere; min-width: 9.5em; } td { min-width: 4em; }
.number { text-align: right; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
details { margin-top: 6px; font-size: 0.875rem; }
summary { cursor: pointer; color: var(--soft); width: fit-content; padding: 4px 0; } summary:hover { color: var(--main); }
details .scroll { margin-top: 8px; max-height: 320px; }
footer { padding-top: 28px; padding-bottom: 48px; color: var(--soft); font-size: 0.8125rem; }

@media (max-width: 920px) { .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 560px) { .spare { display: none; } .cards { gap: 10px; }
  .card { padding: 14px 14px 54px; border-radius: 14px; } .card .big { font-size: 1.75rem; } .card .big span { font-size: 0.9rem; }
  .card .word { font-size: 1.1rem; line-height: 1.9; } .card p { font-size: 0.8125rem; } }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print { body { background: none; font-size: 11pt; } body > nav, .skip, summary { display: none; } section { box-shadow: none; }
  main > section { break-inside: auto; padding: 18px; } figure, .card, tr, .facts { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .scroll { max-height: none; overflow: visible; } * { print-color-adjust: exact; } }
`;

/** All of it. */
export const STYLE = `${COLOURS}${PAGE}${DRAWN}`;
