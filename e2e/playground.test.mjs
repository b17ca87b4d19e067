//! The basic interactions in a real browser, by mouse, touch and keyboard.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, kept, painted, site } from './browser.mjs';

const open = site();
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

/** Sets a range input like a drag: many input events, one change event at the end. */
const drag = (locator, values) => locator.evaluate((slider, values) => {
  for (const value of values) {
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }
  slider.dispatchEvent(new Event('change', { bubbles: true }));
}, values);
const parts = page => ({
  text: page.getByTestId('manifests'),
  problems: page.getByTestId('problems'),
  desired: page.getByTestId('desired'),
  clock: page.getByTestId('clock'),
  load: page.getByRole('slider', { name: 'Load', exact: true }),
  time: page.getByRole('slider', { name: 'Time' }),
});

test('the walkthrough scales 1 → 4 → 7 and back after the stabilization window', async t => {
  const { page, problems } = await open(t);
  const { desired, time } = parts(page);
  await page.getByText('1 → 4 replicas').waitFor();
  const seen = [];
  for (const at of [60, 90, 105, 600, 960, 1000]) {
    await drag(time, [at]);
    seen.push(await desired.innerText());
  }
  assert.deepEqual(seen, ['1 pod', '4 pods', '7 pods', '7 pods', '7 pods', '1 pod']);
  assert.deepEqual(problems, []);
});

test('typing changes the run, and an error is listed with its line', async t => {
  const { page } = await open(t);
  const { text, problems, desired } = parts(page);
  const value = await text.inputValue();
  const line = value.slice(0, value.indexOf('averageUtilization')).split('\n').length;
  await text.evaluate(area => {
    const at = area.value.indexOf('averageUtilization: 50') + 'averageUtilization: '.length;
    area.focus();
    area.setSelectionRange(at, at + 2);
  });
  await page.keyboard.type('many');
  await problems.getByText(`Line ${line}`).waitFor();
  await page.getByTestId('stale').waitFor();
  assert.equal(await text.getAttribute('aria-invalid'), 'true');
  assert.equal(await desired.innerText(), '4 pods', 'the last valid run stays');
  await page.getByRole('heading', { name: 'Why', exact: true }).click();
  await problems.getByRole('button', { name: `Line ${line}` }).click();
  await page.keyboard.press('End');
  for (const _ of 'many') await page.keyboard.press('Backspace');
  await page.keyboard.type('200');
  assert.equal(await page.getByTestId('stale').count(), 0);
  await page.getByText('1 → 2 replicas').waitFor();
});

test('the load slider changes the load at the cursor in the text and in the run', async t => {
  const { page, problems } = await open(t);
  const { text, desired, load, time } = parts(page);
  await drag(time, [300]);
  const line = page.getByTestId('line-desired');
  const before = await line.getAttribute('d');
  await drag(load, [70, 80, 90, 100]);
  assert.notEqual(await line.getAttribute('d'), before);
  assert.match(await text.inputValue(), /\{at: 5m, rate: 100\}/);
  await drag(time, [600]);
  assert.equal(await desired.innerText(), '10 pods');
  await load.focus();
  await page.keyboard.press('Home');
  assert.match(await text.inputValue(), /\{at: 10m, rate: 0\}/);
  assert.deepEqual(problems, []);
});

test('playing moves the cursor until it is paused, and the load can be changed meanwhile', async t => {
  const { page } = await open(t);
  const { text, clock, load, time } = parts(page);
  await drag(time, [120]);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.waitForFunction(() => document.querySelector('[data-testid=scrubber]').value > 150);
  await load.evaluate(slider => {
    slider.value = 90;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await page.getByRole('button', { name: 'Pause' }).click();
  assert.match(await text.inputValue(), /rate: 90\}/);
  const stopped = await clock.innerText();
  await painted(page);
  assert.equal(await clock.innerText(), stopped);
});

test('everything is reachable by keyboard', async t => {
  const { page } = await open(t);
  const { clock } = parts(page);
  await page.keyboard.press('Home');
  assert.equal(await clock.innerText(), '0:00');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await clock.innerText(), '0:30');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await clock.innerText(), '0:15');
  await page.keyboard.press('End');
  assert.equal(await clock.innerText(), '30:00');
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id));
  }
  for (const name of ['manifests', 'panel-why', 'step-back', 'play', 'step-forward', 'speed', 'scrubber', 'load', 'load-number']) {
    assert.ok(reached.has(name), `${name} is not among ${[...reached]}`);
  }
});

test('the textarea is aligned with the highlighted copy', async t => {
  for (const options of [{}, PHONE]) {
    const { page } = await open(t, options);
    if (options === PHONE) await page.getByRole('tab', { name: 'Manifests' }).tap();
    const [typed, shown] = await page.evaluate(() => {
      const area = document.querySelector('.editor-text');
      const { left, top } = area.getBoundingClientRect();
      const { paddingLeft, paddingTop, font } = getComputedStyle(area);
      const piece = document.querySelector('.line span').getBoundingClientRect();
      const line = document.querySelector('.line').getBoundingClientRect();
      return [[left + parseFloat(paddingLeft), top + parseFloat(paddingTop), font],
        [piece.left, line.top, getComputedStyle(document.querySelector('.line')).font]];
    });
    assert.deepEqual(typed, shown);
  }
});

test('a new line is indented automatically', async t => {
  const { page } = await open(t);
  const { text } = parts(page);
  await text.fill('');
  await page.keyboard.type('spec:\nmetrics:\n- type: Resource\nresource:\nname: cpu');
  assert.equal(await text.inputValue(), 'spec:\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu');
  await page.keyboard.press('Control+z');
  assert.equal(await text.inputValue(), 'spec:\n  metrics:\n    - type: Resource\n      resource:\n        ');
});

test('the focus ring of the editor is not covered by its line numbers', async t => {
  const { page } = await open(t);
  await parts(page).text.focus();
  const [over, ring, edge] = await page.evaluate(() => {
    const editor = document.querySelector('.editor');
    const { left, top, height } = editor.getBoundingClientRect();
    const { borderLeftColor, borderLeftWidth } = getComputedStyle(editor);
    return [document.elementFromPoint(left + 1, top + height / 2).className, borderLeftColor, borderLeftWidth];
  });
  assert.deepEqual([over, ring, edge], ['editor', 'rgb(11, 87, 208)', '2px']);
});

test('a click on a chart moves the cursor, and the cursor can be dragged', async t => {
  const { page } = await open(t);
  const { clock } = parts(page);
  const box = await page.getByTestId('chart-replicas').locator('.plot').boundingBox();
  await page.mouse.click(box.x + box.width / 4, box.y + 20);
  assert.match(await clock.innerText(), /^[567]:/);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 30);
  await page.mouse.up();
  const [minutes] = (await clock.innerText()).split(':').map(Number);
  assert.ok(minutes >= 13 && minutes <= 16, `the middle is at ${minutes} min`);
});

test('typed text is restored after a reload', async t => {
  const { page } = await open(t);
  const { text } = parts(page);
  await text.fill((await text.inputValue()).replace('maxReplicas: 10', 'maxReplicas: 6'));
  await kept(page, 'maxReplicas: 6');
  await page.reload();
  assert.match(await parts(page).text.inputValue(), /maxReplicas: 6/);
});

test('a phone shows one panel at a time without horizontal overflow', async t => {
  const { page, problems } = await open(t, PHONE);
  const { text, load } = parts(page);
  assert.ok(await page.getByTestId('chart-replicas').isVisible());
  await page.getByRole('tab', { name: 'Manifests' }).tap();
  assert.ok(await text.isVisible());
  assert.ok(!await page.getByTestId('chart-replicas').isVisible());
  await page.getByRole('tab', { name: 'Why' }).tap();
  assert.ok(await page.getByTestId('outcome').isVisible());
  assert.ok(await load.isVisible());
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(problems, []);
});

test('the smallest phone has room for the time slider, and time labels at each chart', async t => {
  const { page } = await open(t, { ...PHONE, viewport: { width: 360, height: 740 } });
  const box = await parts(page).time.boundingBox();
  assert.ok(box.width > 180, `${box.width} px`);
  const bar = await page.locator('.transport').boundingBox();
  assert.ok(bar.height < 160, `three rows: ${bar.height} px`);
  for (const chart of ['load', 'metric', 'replicas', 'pods']) {
    await page.getByTestId(`chart-${chart}`).getByText('10:00', { exact: true }).waitFor({ state: 'attached' });
  }
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

test('errors are listed before warnings, and an opened text is scrolled to the top', async t => {
  const { page } = await open(t);
  const { text, problems } = parts(page);
  await text.fill((await text.inputValue()).replace('averageUtilization: 50', 'averageUtilization: many'));
  const listed = await problems.getByRole('listitem').allInnerTexts();
  assert.ok(listed.length > 1 && listed[0].includes('Error:') && listed.at(-1).includes('Warning:'), `${listed}`);
  await text.press('Control+End');
  await page.getByTestId('open-gallery').click();
  await page.getByTestId('preset-case-pega').click();
  await page.waitForFunction(() => {
    const area = document.querySelector('[data-testid=manifests]');
    return area.selectionStart === 0 && area.value.includes('kind: Experiment') && document.querySelector('.editor').scrollTop === 0;
  });
});

test('a related place is listed under its problem, and a click selects it in the text', async t => {
  const { page } = await open(t);
  const { text, problems } = parts(page);
  const value = await text.inputValue();
  await text.fill(`${value}---\napiVersion: hpa-playground/v1\nkind: Experiment\n`);
  const line = value.slice(0, value.indexOf('kind: Experiment')).split('\n').length;
  const item = problems.getByRole('listitem').filter({ hasText: 'only one Experiment document' });
  const related = item.getByTestId('problem-related');
  assert.deepEqual(await related.allInnerTexts(), [`line ${line}: the first one is here`]);
  await related.click();
  const selected = await text.evaluate(area => [area.selectionStart, area.value.slice(area.selectionStart, area.selectionEnd)]);
  assert.deepEqual(selected, [value.indexOf('kind: Experiment') + 'kind: '.length, 'Experiment']);
});

test('the load at the cursor is rounded to two decimals', async t => {
  const { page } = await open(t);
  const { text, time } = parts(page);
  await text.fill((await text.inputValue()).replace('step: {rate: 61, from: 1m, until: 11m}', 'wave: {mean: 50}'));
  await drag(time, [137]);
  assert.match(await page.getByTestId('load-number').inputValue(), /^\d+(\.\d{1,2})?$/);
});

for (const [name, options] of Object.entries({
  'light': {},
  'dark': { colorScheme: 'dark' },
  'phone, light': PHONE,
  'phone, dark': { ...PHONE, colorScheme: 'dark' },
})) {
  test(`has no accessibility problems with an error on screen (${name})`, async t => {
    const { page } = await open(t, options);
    const { text } = parts(page);
    await text.evaluate(area => {
      area.value = area.value.replace('maxReplicas: 10', 'maxReplicas: ten').replace('averageUtil', 'avrageUtil');
      area.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.getByTestId('stale').waitFor({ state: 'attached' });
    for (const tab of name.startsWith('phone') ? ['Charts', 'Manifests', 'Why'] : [null]) {
      if (tab) await page.getByRole('tab', { name: tab }).tap();
      assert.deepEqual(await accessibilityProblems(page), [], `${tab}`);
    }
  });
}

test('a slider movement is rendered within a frame', async t => {
  const { page } = await open(t);
  await drag(parts(page).time, [300]);
  // CPU time of the page's main thread, so that other programs do not count.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const seconds = name => metrics.find(metric => metric.name === name).value;
    return 1000 * (seconds('ScriptDuration') + seconds('RecalcStyleDuration') + seconds('LayoutDuration'));
  };
  const times = [];
  for (let i = 0; i < 40; i++) {
    const before = await spent();
    await page.evaluate(async value => {
      const slider = document.querySelector('[data-testid=load]');
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(requestAnimationFrame);
      document.querySelector('main').getBoundingClientRect();
    }, 20 + (i * 7) % 100);
    times.push(await spent() - before);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`slider to picture: median ${times[20].toFixed(1)} ms, 95th percentile ${times[38].toFixed(1)} ms`);
  assert.ok(times[20] <= 16, `median ${times[20]} ms`);
});
