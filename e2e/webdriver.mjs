//! Firefox and WebKit over WebDriver: what each needs to be installed, and pages that remember what went wrong on them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Builder, By, error } from 'selenium-webdriver';
import { DriverService } from 'selenium-webdriver/remote/index.js';
import { DIST, onPath } from './browser.mjs';
import { serve } from './serve.mjs';

/** How long a condition may take to hold [ms]. */
const PATIENCE = 20_000;

/** A driver on a port of its own, and one browser that it has started. */
async function driven(service, capabilities) {
  try {
    const driver = await new Builder().disableEnvironmentOverrides().usingServer(await service.start()).withCapabilities(capabilities).build();
    return { driver, close: () => driver.quit().finally(() => service.kill()) };
  } catch (problem) {
    await service.kill();
    throw problem;
  }
}

async function firefox() {
  const service = new DriverService.Builder(onPath('geckodriver')).setLoopback(true).build();
  return driven(service, { browserName: 'firefox', 'moz:firefoxOptions': { args: ['-headless'] } });
}

/** WebKitGTK's own browser, which the driver knows where to find, on a screen that nobody sees. */
async function webkit() {
  const screen = spawn(onPath('Xvfb'), ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  try {
    const [display] = await Promise.race([once(screen.stdio[3], 'data'), once(screen, 'exit').then(([code]) => { throw new Error(`Xvfb ended with ${code}`); })]);
    const environment = { ...process.env, DISPLAY: `:${`${display}`.trim()}`, GDK_BACKEND: 'x11' };
    const service = new DriverService.Builder(onPath('WebKitWebDriver')).setLoopback(true).setEnvironment(environment).build();
    const { driver, close } = await driven(service, { browserName: 'MiniBrowser' });
    return { driver, close: () => close().finally(() => screen.kill()) };
  } catch (problem) {
    screen.kill();
    throw problem;
  }
}

/** The browsers, what each needs on PATH, and how each is started. */
export const BROWSERS = [
  {
    name: 'Firefox',
    needs: { firefox: 'Firefox is not installed (apt-get install firefox-esr)', geckodriver: 'geckodriver is not installed (scripts/setup.sh)' },
    launch: firefox,
  },
  {
    name: 'WebKit',
    needs: { WebKitWebDriver: 'WebKit is not installed (apt-get install webkit2gtk-driver)', Xvfb: 'Xvfb is not installed (apt-get install xvfb)' },
    launch: webkit,
  },
];

/** What keeps a browser from being started here. */
export const lacking = ({ needs }) => Object.entries(needs).find(([program]) => !onPath(program))?.[1];

// WebDriver tells nothing of what a page does while it loads, so the page itself keeps it, over reloads too.
// Its service worker comes only where it is asked for: fetching the whole site is the larger part of a short visit.
const RECORDER = `{
  const keep = problem => {
    sessionStorage.problems = JSON.stringify([...JSON.parse(sessionStorage.problems ?? '[]'), problem]);
  };
  addEventListener('error', ({ message, target }) => keep(message ? 'uncaught: ' + message : 'not loaded: ' + (target.src ?? target.href)), true);
  addEventListener('unhandledrejection', ({ reason }) => keep('rejected: ' + reason));
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) => keep('refused: ' + effectiveDirective));
  const { error } = console;
  console.error = (...said) => {
    keep('console: ' + said.join(' '));
    error.apply(console, said);
  };
  if (location.search !== '?offline') navigator.serviceWorker.register = () => Promise.reject(new Error('not in this test'));
}
`;

/** A page as large as a phone: a window of a desktop's browser does not become that narrow. */
const PHONE = '<!doctype html><title>A phone</title><iframe src="index.html" width="360" height="640" style="border: 0"></iframe>\n';

/** A copy of the built page in a folder of its own that keeps its problems, with a page that shows it as a phone would, and more files. */
async function recording(files) {
  assert.ok(existsSync(join(DIST, 'index.html')), 'missing: dist/ (build it with: make build)');
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  await cp(DIST, folder, { recursive: true });
  const change = async (name, old, by) => {
    const text = await readFile(join(folder, name), 'utf8');
    assert.ok(text.includes(old), `${name} holds ${old}`);
    await writeFile(join(folder, name), text.replace(old, by));
  };
  await change('index.html', '<title>', '<script src="problems.js"></script><title>');
  await change('sw.js', 'const FILES = [', "const FILES = ['problems.js',");
  await writeFile(join(folder, 'problems.js'), RECORDER);
  await writeFile(join(folder, 'phone.html'), PHONE);
  for (const file of files) await cp(file, join(folder, basename(file)));
  return folder;
}

/**
 * Starts a browser. Each page that it opens is served from a port of its own: another origin, which
 * shares neither storage nor a service worker with the others.
 */
export async function start({ launch }, files = []) {
  const folder = await recording(files);
  const { driver, close } = await launch();
  const servers = [];
  await driver.manage().window().setRect({ x: 0, y: 0, width: 1280, height: 900 });
  return {
    /** @param {string} [path] appended to the address: a file, a query or a fragment */
    async open(path = '') {
      const server = await serve(folder, { base: '/hpa-playground/' });
      servers.push(server);
      const page = pageOf(driver, server);
      await page.go(path);
      return page;
    },
    async close() {
      await close();
      await Promise.all(servers.map(server => server.close()));
      await rm(folder, { recursive: true });
    },
  };
}

function pageOf(driver, server) {
  const wait = (condition, what) => driver.wait(condition, PATIENCE, what, 50);
  const page = {
    driver,
    url: server.url,
    stop: () => server.close(),
    /** Opens an address of the site, not yet ready. */
    go: path => driver.get(server.url + path),
    /** Runs a function in the page. */
    run: (code, ...given) => driver.executeScript(code, ...given),
    /** Waits until a function in the page returns something true, which it returns too. */
    until: (code, ...given) => wait(() => page.run(code, ...given), `${code}`),
    /** Until the page stands. */
    ready: () => page.until(() => document.querySelector('main:not([aria-busy])') !== null),
    /**
     * Reloads as a person does. The driver's own refresh goes past the service worker in Firefox, as a
     * reload with Shift does.
     */
    async reload() {
      await page.run(() => {
        window.left = true; // not of globalThis, which in Firefox is the script's own
        location.reload();
      });
      const reloaded = () => !window.left && document.querySelector('main:not([aria-busy])') !== null;
      await wait(() => page.run(reloaded).catch(() => false), 'the page stands again');
    },
    /** The element that a selector finds, once it is shown. */
    at: selector => wait(async () => {
      const [found] = await driver.findElements(By.css(selector));
      return found && await found.isDisplayed() ? found : false;
    }, `${selector} is shown`),
    /** The element with a test identifier, once it is shown. */
    by: id => page.at(`[data-testid="${id}"]`),
    /** Clicks an element, once nothing lies over it. */
    async click(id) {
      const element = await page.by(id);
      await wait(() => element.click().then(() => true, problem => {
        if (problem instanceof error.ElementClickInterceptedError) return false;
        throw problem;
      }), `${id} takes a click`);
    },
    text: async id => (await page.by(id)).getText(),
    /** Clicks where the text begins: WebKit's driver cannot click what is larger than the part that is shown. */
    async clickText(id) {
      const [x, y] = await page.run(id => {
        const { left, top } = document.querySelector(`[data-testid="${id}"]`).getBoundingClientRect();
        return [Math.round(left) + 20, Math.round(top) + 20];
      }, id);
      await driver.actions().move({ x, y }).click().perform();
    },
    /** Until an element's text, or a field's value, fits a pattern; returns it. */
    async says(id, pattern) {
      let last;
      await wait(async () => {
        last = await page.run(id => {
          const element = document.querySelector(`[data-testid="${id}"]`);
          return element?.value ?? element?.innerText;
        }, id);
        return pattern.test(last ?? '');
      }).catch(cause => { throw new Error(`${id} does not fit ${pattern}: ${last}`, { cause }); });
      return last;
    },
    /** Presses keys together, on the element that has the focus. */
    async press(...keys) {
      const actions = driver.actions();
      for (const key of keys) actions.keyDown(key);
      for (const key of keys.toReversed()) actions.keyUp(key);
      await actions.perform();
    },
    /** Drags with the mouse between shares of an element's width, at a height [px] from its middle. */
    async drag(element, from, to, height = 0) {
      const { width } = await element.getRect();
      const place = share => ({ origin: element, x: Math.round((share - 0.5) * width), y: height, duration: 50 });
      await driver.actions().move(place(from)).press().move(place((from + to) / 2)).move(place(to)).release().perform();
    },
    /** What went wrong on the page, and the requests to another origin. */
    problems: () => page.run(() => [...JSON.parse(sessionStorage.problems ?? '[]'), ...performance.getEntriesByType('resource')
      .filter(({ name }) => !name.startsWith(location.origin) && !/^(data|blob):/.test(name)).map(({ name }) => `left the site: ${name}`)]),
  };
  return page;
}

export { Key } from 'selenium-webdriver';
