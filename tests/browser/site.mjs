// The site of the documents, each page by the rules of axe-core, light on a desktop and dark on a
// phone. `cargo xtask site --axe` starts it.
// usage: node site.mjs FOLDER [PAGE…]
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensure, run } from './lib.mjs';

const [site, ...asked] = process.argv.slice(2);
const folder = path.resolve(site);
const axe = fs.readFileSync(
  path.join(process.env.VITRINE_TOOLS, 'node_modules', 'axe-core', 'axe.min.js'),
  'utf8',
);
const all = fs.readdirSync(folder).filter((name) => name.endsWith('.html'));
const pages = asked.length > 0 ? asked : all;
const views = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
];

await run(async (browser) => {
  ensure(pages.length > 0, `${folder} has no pages`);
  const found = [];
  for (const view of views) {
    const context = await browser.newContext(view);
    const page = await context.newPage();
    page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`));
    for (const name of pages) {
      await page.goto(pathToFileURL(path.join(folder, name)).href);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const { id, help, nodes } of violations) {
        found.push(`${name}, ${view.colorScheme}: ${id}: ${help}: ${nodes[0].html}`);
      }
      const { clientWidth, scrollWidth } = await page.evaluate(() => {
        const { clientWidth, scrollWidth } = document.documentElement;
        return { clientWidth, scrollWidth };
      });
      if (scrollWidth > clientWidth) {
        found.push(`${name}: ${scrollWidth} wide on ${clientWidth}`);
      }
    }
    await context.close();
  }
  // The search finds a page by a word of its title.
  const page = await browser.newPage();
  await page.goto(pathToFileURL(path.join(folder, 'index.html')).href);
  await page.click('#search-toggle');
  await page.fill('#searchbar', 'deployment');
  await page.keyboard.press('End');
  await page.waitForSelector('#searchresults a[href^="deployment.html"]');
  ensure(found.length === 0, `${found.length} faults:\n${found.slice(0, 30).join('\n')}`);
  console.log(`${pages.length} pages, ${views.length} views: nothing found`);
});
