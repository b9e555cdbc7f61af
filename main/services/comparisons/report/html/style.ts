/** The page's look: the workbench's own colours, light and dark, and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --background: light-dark(#ffffff, #17181c);
  --raised: light-dark(#f7f7fa, #1f2026);
  --border: light-dark(#e3e3ea, #2c2d35);
  --grid: light-dark(#ececf2, #26272e);
  --text: light-dark(#1a1a21, #ececf1);
  --muted: light-dark(#5b5b69, #a4a6b4);
  --accent: light-dark(#4650d0, #9aa0ff);
  --accent-soft: light-dark(#e9eafc, #292b4d);
  --positive: light-dark(#12703f, #5fce92);
  --positive-soft: light-dark(#e2f4e9, #17342a);
  --warning: light-dark(#8a5200, #eab35c);
  --warning-soft: light-dark(#fdf1dc, #382b15);
  --negative: light-dark(#b3261e, #ff8f86);
  --negative-soft: light-dark(#fdeceb, #3d1f1e);
  --arm-1: light-dark(#0072b2, #56b4e9);
  --arm-2: light-dark(#c85200, #f5974f);
  --arm-3: light-dark(#00805e, #2fc698);
  --arm-4: light-dark(#a8508a, #e6a3cb);
  --arm-5: light-dark(#8f7200, #e8d24a);
  --arm-6: light-dark(#5b4ba8, #b3a5f2);
  --arm-7: light-dark(#555555, #c9c9c9);
  --arm-8: light-dark(#8c2f39, #f27d8a);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--background);
  color: var(--text);
  font: 15px/1.55 -apple-system, 'Segoe UI', Ubuntu, Cantarell, 'Noto Sans', 'Liberation Sans', system-ui, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 980px; margin: 0 auto; padding: 40px 28px 80px; }
header .kind { color: var(--muted); font-size: 13px; letter-spacing: 0.02em; margin: 0; }
h1 { font-size: 28px; line-height: 1.2; margin: 4px 0 20px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 52px 0 12px; padding-top: 18px; border-top: 1px solid var(--border); letter-spacing: -0.005em; }
h3 { font-size: 15px; margin: 26px 0 8px; }
p { margin: 8px 0; max-width: 76ch; }
ul { margin: 8px 0; padding-left: 20px; max-width: 78ch; }
li { margin: 4px 0; }
.answer { background: var(--accent-soft); border-radius: 10px; padding: 18px 22px; font-size: 17px; line-height: 1.5; margin: 0 0 16px; max-width: none; text-wrap: pretty; }
.gate { background: var(--warning-soft); color: var(--warning); border-radius: 8px; padding: 10px 14px; max-width: none; font-weight: 600; }
.muted, figcaption, .caveats { color: var(--muted); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 8px 0 4px; font-size: 13px; }
.legend li { margin: 0; display: flex; align-items: center; gap: 7px; }
.swatch { width: 11px; height: 11px; border-radius: 3px; background: currentColor; flex: none; }
.swatch + span { color: var(--text); }
.scroll { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--border); text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 500; font-size: 12.5px; border-bottom-color: var(--muted); vertical-align: bottom; }
tbody th { font-weight: 600; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; white-space: nowrap; padding-right: 0; padding-left: 16px; }
.line th, .line td, th.line, td.line { color: var(--muted); font-weight: 400; }
.facts th { width: 34%; font-weight: 500; }
.facts td, .facts th { overflow-wrap: anywhere; }
.settings th { font-weight: 400; font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
td.differs, th.differs { font-weight: 600; }
td.differs { background: var(--accent-soft); padding-left: 8px; }
.settings td { overflow-wrap: anywhere; }
.verdict { display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: 12.5px; font-weight: 600; background: var(--raised); color: var(--muted); }
.verdict.better, .verdict.worse { background: var(--positive-soft); color: var(--positive); }
.verdict.equivalent { background: var(--accent-soft); color: var(--accent); }
.verdict.not-comparable { background: var(--negative-soft); color: var(--negative); }
.verdict.inconclusive { background: var(--warning-soft); color: var(--warning); }
.pair { border-left: 3px solid var(--border); padding: 2px 0 2px 16px; margin: 14px 0; }
.pair > p:first-child { margin-top: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 8px 28px; }
figure { margin: 14px 0; min-width: 0; break-inside: avoid; }
figcaption { margin-top: 4px; }
figure strong { display: block; font-size: 13.5px; font-weight: 600; margin-bottom: 4px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--muted); font-size: 12px; }
svg .name { fill: var(--text); font-weight: 600; }
svg .value { fill: var(--text); }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--border); }
svg .reference { stroke: var(--muted); stroke-dasharray: 4 4; }
svg .margin { fill: var(--accent-soft); }
svg .bar { stroke: currentColor; stroke-width: 2.5; stroke-linecap: round; }
svg .mark { fill: currentColor; stroke: var(--background); stroke-width: 1.5; }
svg .seed { fill: currentColor; opacity: 0.35; }
svg .curve { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .band { fill: currentColor; opacity: 0.14; }
svg .front { fill: none; stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 3 4; }
svg .beaten { fill: var(--background); stroke: currentColor; stroke-width: 2; }
.arm-1 { color: var(--arm-1); } .arm-2 { color: var(--arm-2); } .arm-3 { color: var(--arm-3); } .arm-4 { color: var(--arm-4); }
.arm-5 { color: var(--arm-5); } .arm-6 { color: var(--arm-6); } .arm-7 { color: var(--arm-7); } .arm-8 { color: var(--arm-8); }
.arm-0 { color: var(--muted); }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
pre { background: var(--raised); border: 1px solid var(--border); border-radius: 8px; padding: 14px 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
.hash td:last-child { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace; font-size: 11.5px; overflow-wrap: anywhere; }
@media (max-width: 560px) { main { padding: 24px 16px 60px; } .charts { grid-template-columns: 1fr; } }
@media print {
  :root { color-scheme: light; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  .pair, table tr, pre { break-inside: avoid; }
  .answer, .gate, .verdict, svg .margin { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
