// The style sheet that all elements adopt. One object for the whole page: a strict
// Content-Security-Policy without 'unsafe-inline' lets a script make one.

/** Custom properties and their values in the light and in the dark. */
const COLOURS = {
  ink: ['#1b1f1d', '#edf0ee'],
  muted: ['#585f5b', '#a6aea9'],
  surface: ['#ffffff', '#1b1f1e'],
  sunken: ['#f1efe9', '#232827'],
  line: ['#d5d2c9', '#3a413f'],
  control: ['#767c78', '#7f8884'],
  accent: ['#0b5d4b', '#76d3b6'],
  'on-accent': ['#ffffff', '#05231b'],
  danger: ['#a3231c', '#ff9d94'],
};

const colours = (value) =>
  Object.entries(COLOURS)
    .map(([name, both]) => `--_${name}: var(--vitrine-${name}, ${value(both)});`)
    .join('');

const CSS = `
:host {
  ${colours(([light]) => light)}
  --_radius: var(--vitrine-radius, 12px);
  --_gap: var(--vitrine-gap, 12px);
  --_tile: var(--vitrine-tile-width, 11rem);
  display: block;
  container-type: inline-size;
  color: var(--_ink);
  font: var(--vitrine-font, inherit);
}
@supports (color: light-dark(red, red)) {
  :host { ${colours(([light, dark]) => `light-dark(${light}, ${dark})`)} }
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
h1, h2, h3, h4, h5, h6, p, ul, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ul { list-style: none; }
.h2, .h3, legend { font-family: var(--vitrine-heading-font, inherit); font-weight: 600; line-height: 1.3; }
.h2 { font-size: 1.25em; margin-block-end: var(--_gap); }
.h3, legend { font-size: 1em; padding: 0; margin-block-end: 6px; }
button, input { font: inherit; color: inherit; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.heard {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.button {
  min-height: 44px; min-width: 44px; padding: 8px 16px; cursor: pointer;
  border: 1px solid var(--_control); border-radius: calc(var(--_radius) / 1.5);
  background: var(--_surface); color: var(--_ink);
}
.button:hover { border-color: var(--_accent); }
.button.main { background: var(--_accent); border-color: var(--_accent); color: var(--_on-accent); }
.button.danger { border-color: var(--_danger); color: var(--_danger); }
.notice { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_gap); color: var(--_muted); }

.list {
  display: grid; gap: var(--_gap);
  grid-template-columns: repeat(auto-fill, minmax(min(var(--_tile), 50% - var(--_gap) / 2), 1fr));
}
.row .list {
  grid: auto / none; grid-auto-flow: column; grid-auto-columns: min(var(--_tile), 44cqi);
  overflow-x: auto; padding: 4px; margin: -4px; scroll-snap-type: x proximity; scroll-padding: 4px;
}
.row .list > * { scroll-snap-align: start; }
.tile {
  position: relative; display: flex; flex-direction: column; gap: 4px; height: 100%; padding: 10px;
  background: var(--_surface); border: 1px solid var(--_line); border-radius: var(--_radius);
}
.tile:hover { border-color: var(--_accent); }
.picture {
  order: -1; aspect-ratio: 1; margin-block-end: 4px; overflow: hidden;
  background: var(--_sunken); border-radius: calc(var(--_radius) / 1.5);
}
.picture img { display: block; width: 100%; height: 100%; object-fit: contain; }
.link {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  padding: 0; border: 0; background: none; text-align: start; cursor: pointer;
  color: inherit; text-decoration: none; font-weight: 500; overflow-wrap: anywhere;
}
.link::after { content: ''; position: absolute; inset: 0; border-radius: var(--_radius); }
.link:hover { text-decoration: underline; }
.link:focus-visible { outline: none; }
.link:focus-visible::after { outline: 3px solid var(--_accent); outline-offset: 2px; }
.brand, .rating, .reason { color: var(--_muted); font-size: 0.875em; }
.price { font-weight: 600; }
.sold-out { color: var(--_danger); font-size: 0.875em; }
.tile .button { position: relative; z-index: 1; }
.tile .add { margin-block-start: auto; }
.tile .dismiss {
  position: absolute; inset-block-start: 4px; inset-inline-end: 4px; padding: 0;
  border-radius: 50%; border-color: transparent; background: color-mix(in srgb, var(--_surface) 80%, transparent);
}
.bone { aspect-ratio: 5 / 7; background: var(--_sunken); border-radius: var(--_radius); }
.own { display: block; height: 100%; }

.box { position: relative; display: flex; gap: 8px; }
.field { position: relative; flex: 1; min-width: 0; }
.input {
  width: 100%; min-height: 44px; padding: 8px 44px 8px 14px;
  background: var(--_surface); border: 1px solid var(--_control); border-radius: calc(var(--_radius) / 1.5);
}
.input::-webkit-search-cancel-button { display: none; }
.input::placeholder { color: var(--_muted); opacity: 1; }
.clear {
  position: absolute; inset-block: 0; inset-inline-end: 0; width: 44px; padding: 0;
  border: 0; background: none; cursor: pointer;
}
.suggestions {
  position: absolute; z-index: 10; inset-inline: 0; inset-block-start: calc(100% + 4px);
  max-height: min(60vh, 26rem); overflow-y: auto; padding: 4px;
  background: var(--_surface); border: 1px solid var(--_line); border-radius: var(--_radius);
  box-shadow: var(--vitrine-shadow, 0 8px 28px rgb(0 0 0 / 0.18));
}
.suggestion {
  display: flex; align-items: center; gap: 10px; min-height: 44px; padding: 6px 10px; cursor: pointer;
  border-radius: calc(var(--_radius) / 1.5);
}
.suggestion[aria-selected="true"] { background: var(--_sunken); outline: 2px solid var(--_accent); outline-offset: -2px; }
.suggestion img { width: 32px; height: 32px; object-fit: contain; }
.suggestion .kind { margin-inline-start: auto; color: var(--_muted); font-size: 0.875em; }
.beside { margin-block-start: var(--_gap); }
.found { display: grid; gap: var(--_gap); }
.note { color: var(--_muted); }
.facets > summary { min-height: 44px; padding-block: 10px; cursor: pointer; font-weight: 600; }
.groups { display: grid; gap: calc(var(--_gap) * 1.5); }
.values { max-height: 17rem; overflow-y: auto; }
.value { display: flex; align-items: center; gap: 8px; min-height: 32px; cursor: pointer; }
.value input { width: 20px; height: 20px; flex: none; accent-color: var(--_accent); }
.value .n { margin-inline-start: auto; color: var(--_muted); font-variant-numeric: tabular-nums; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; }
.chips .button { border-radius: 999px; }
.end { display: flex; justify-content: center; }
.stack { display: grid; gap: calc(var(--_gap) * 2); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.lines { display: grid; gap: 6px; }
.why .lines { list-style: disc; padding-inline-start: 1.2em; }
.sent { max-height: 20rem; overflow: auto; font-size: 0.875em; border-collapse: collapse; }
.sent td { padding: 4px 12px 4px 0; text-align: start; overflow-wrap: anywhere; }
@container (min-width: 48rem) {
  .beside { display: flex; align-items: start; gap: calc(var(--_gap) * 2); }
  .beside > .facets { flex: 0 0 15rem; }
  .beside > :not(.facets) { flex: 1; min-width: 0; }
}
@media (prefers-reduced-motion: no-preference) {
  .bone { animation: wait 1.4s ease-in-out infinite alternate; }
  .button, .tile { transition: border-color 120ms; }
  .row .list { scroll-behavior: smooth; }
}
@keyframes wait { to { opacity: 0.5; } }
@media (forced-colors: active) {
  .suggestion[aria-selected="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
}
`;

let sheet;

/** The style sheet, made once. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
