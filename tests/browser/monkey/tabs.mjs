// Tabs of one browser, watched for everything that must never happen.
import * as look from './look.mjs';

/** A page that does not answer for so long is frozen. */
const FROZEN_MS = 20_000;
/** What must follow from a step is there after so long. */
const FOLLOWS_MS = 20_000;
/** Answers to searches that a tab keeps, as `REPLIES_MAX` of the session. */
const REPLIES_MAX = 16;

export const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

/** Calls until the answer is not null, then returns it; null when time is up. */
export const until = async (answer) => {
  const end = Date.now() + FOLLOWS_MS;
  for (;;) {
    const found = await answer();
    if (found !== null) return found;
    if (Date.now() > end) return null;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export class Tab {
  /** Opens a page of the shop or, with a path, of the Studio. */
  static async open(context, url, faults, minutes) {
    const tab = new Tab(await context.newPage(), url.includes('/studio'), faults);
    await tab.setTime(minutes);
    await tab.page.goto(url);
    return tab;
  }

  constructor(page, isStudio, faults) {
    Object.assign(this, { page, isStudio, faults });
    this.name = isStudio ? 'studio' : 'shop';
    /** Basket events while recording is paused: they are this tab's alone. */
    this.unlogged = [];
    /** Bodies of searches that were answered in this tab, oldest first. */
    this.answered = [];
    this.inFlight = new Set();
    this.watch();
  }

  watch() {
    const { page, faults } = this;
    page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      // The network is taken away on purpose; answers are looked at below.
      const isNetwork = text.startsWith('Failed to load resource');
      if (message.type() === 'error' && !isNetwork) faults.push(`console: ${text}`);
    });
    page.on('crash', () => faults.push('the page crashed'));
    page.on('request', (request) => {
      this.inFlight.add(request);
      const isSearch = request.url().endsWith('/v1/search') && !this.isStudio;
      if (isSearch && this.answered.includes(request.postData())) {
        faults.push(`asked again: ${request.postData()}`);
      }
    });
    page.on('requestfailed', (request) => this.inFlight.delete(request));
    page.on('requestfinished', async (request) => {
      const response = await request.response().catch(() => null);
      const status = response?.status() ?? 0;
      if (status >= 400 && !(this.isStudio && status === 401)) {
        faults.push(`${request.url()} answered ${status}`);
      }
      if (status === 200 && request.url().endsWith('/v1/search')) {
        this.answered.push(request.postData());
        this.answered.splice(0, this.answered.length - REPLIES_MAX);
      }
      this.inFlight.delete(request);
    });
  }

  /** The clock stands still between steps, so that the order of a feed follows from the seed. */
  setTime(minutes) {
    return this.page.clock.setFixedTime(NOW + minutes * MINUTE);
  }

  /** Runs something in the page, which must answer in time. */
  async ask(what, argument) {
    let timer;
    const frozen = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the ${this.name} is frozen`)), FROZEN_MS);
    });
    try {
      return await Promise.race([this.page.evaluate(what, argument), frozen]);
    } finally {
      clearTimeout(timer);
    }
  }

  state() {
    return this.ask(look.state);
  }

  /** Waits until nothing is on its way any more. */
  async settle() {
    for (let quiet = 0; quiet < 2; quiet += 1) {
      await until(() => (this.inFlight.size === 0 ? true : null));
      await this.ask(() => new Promise((resolve) => setTimeout(resolve, 20)));
    }
  }

  /** Waits until the catalogue is here and the feed is drawn. */
  async ready() {
    const is = await until(async () => {
      const { isReady, isSynced, broken } = await this.state();
      return broken || (isReady && isSynced) ? true : null;
    });
    if (!is) this.faults.push('the shop did not get ready');
  }
}
