//! A typical first visit, which does without the lazy parts of the page (parts.test.mjs).
import { kept, painted } from './browser.mjs';

/** The devices of the visits, as options of playwright's `newContext`. */
export const VISITS = [
  { viewport: { width: 1280, height: 800 } },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
];

/** Switches to a panel if there are tabs. */
async function show(page, name) {
  const tab = page.getByRole('tab', { name });
  if (await tab.isVisible()) await tab.click();
}

/** The first interactions, by name. */
export const FIRST_STEPS = {
  'a pointer over the page': async page => {
    const { width, height } = page.viewportSize();
    for (const name of ['Manifests', 'Charts', 'Why', 'Charts']) {
      await show(page, name);
      for (const share of [0.15, 0.5, 0.85]) await page.mouse.move(width * share, height * (1 - share), { steps: 12 });
    }
    await painted(page);
  },
  'a click on a chart': async page => {
    await show(page, 'Charts');
    await page.getByTestId('charts').locator('svg[role=img]').first().click();
    await painted(page);
  },
  'the load slider': async page => {
    await page.locator('#load-slider').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'PageUp']) await page.keyboard.press(key);
    await painted(page);
  },
  'play and pause': async page => {
    await page.getByTestId('play').press('Enter');
    for (let frame = 0; frame < 10; frame++) await painted(page);
    await page.getByTestId('play').press('Enter');
    await painted(page);
  },
  'a step': async page => {
    await page.keyboard.press('ArrowRight');
    await painted(page);
  },
  'typing': async page => {
    await show(page, 'Manifests');
    await page.getByTestId('manifests').press('ControlOrMeta+End');
    await page.keyboard.type('\n# mine\n');
    await kept(page, '# mine');
  },
};
