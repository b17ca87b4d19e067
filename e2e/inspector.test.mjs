//! The inspector, the comparison, and editing by numbers, fixes, additions and completions.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, painted, site } from './browser.mjs';

const open = site();

/** Replaces the text of the editor by `change` of it. */
async function edit(page, change) {
  const editor = page.getByTestId('manifests');
  await editor.fill(change(await editor.inputValue()));
}

async function unfold(page, name) {
  await page.getByTestId(`open-${name}`).click();
  return page.getByTestId(name);
}

/** Puts the caret after `needle`. */
async function caret(page, needle) {
  await page.getByTestId('manifests').evaluate((area, needle) => {
    const at = area.value.indexOf(needle) + needle.length;
    area.focus();
    area.setSelectionRange(at, at);
  }, needle);
}

test('the output of kubectl get and describe follows the cursor', async t => {
  const { page, problems } = await open(t);
  const get = await unfold(page, 'kubectl-get');
  assert.match(await get.innerText(), /NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE\nphp-apache/);
  const describe = await unfold(page, 'kubectl-describe');
  assert.match(await describe.innerText(), /AbleToScale +True +SucceededRescale/);
  assert.match(await describe.innerText(), /Normal +SuccessfulRescale +0s +horizontal-pod-autoscaler +New size: 4/);
  await page.getByTestId('step-forward').click();
  assert.match(await describe.innerText(), /Normal +SuccessfulRescale +15s/);
  assert.deepEqual(problems, []);
});

test('the transport jumps from change to change, by button and by key', async t => {
  const { page } = await open(t);
  const clock = page.getByTestId('clock');
  await page.getByTestId('jump-back').click();
  const before = await clock.innerText();
  await page.getByTestId('jump-forward').click();
  assert.equal(await clock.innerText(), '1:30');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.equal(await clock.innerText(), before);
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await clock.innerText(), before);
});

test('goals show their verdicts and link to the first violation', async t => {
  const { page } = await open(t);
  await edit(page, text => text.replace(/\ngoals:[^]*$/, '\n') + 'goals:\n- {name: small, replicasAtMost: 3, hint: think small}\n- {name: big, replicasAtMost: 10}\n');
  const goals = page.getByTestId('goals');
  await goals.getByText('think small').waitFor();
  assert.match(await page.getByTestId('open-goals').innerText(), /1 of 2 met/);
  await page.getByTestId('scrubber').fill('1200');
  await goals.getByRole('button', { name: 'first at' }).click();
  assert.notEqual(await page.getByTestId('clock').innerText(), '20:00');
});

test('a pinned run is compared: divergence, texts, summaries', async t => {
  const { page } = await open(t);
  const compare = await unfold(page, 'compare');
  await page.getByTestId('pin').click();
  await compare.getByText('Both runs ask for the same number of replicas').waitFor();
  await edit(page, text => text.replace('averageUtilization: 50', 'averageUtilization: 200'));
  await compare.getByText('They diverge at').waitFor();
  assert.match(await page.getByTestId('diff').innerText(), /averageUtilization: 50[^]*averageUtilization: 200/);
  await page.getByTestId('pin-behavior').click();
  await compare.getByText('Comparing with default behavior').waitFor();
  await page.getByTestId('pin-version').selectOption('1.30');
  await compare.getByText('Comparing with Kubernetes 1.30').waitFor();
  await page.getByTestId('unpin').click();
  assert.equal(await page.getByTestId('diff').count(), 0);
});

test('keys change the number at the caret and nothing else', async t => {
  const { page } = await open(t);
  const editor = page.getByTestId('manifests');
  const before = await editor.inputValue();
  await caret(page, 'maxReplicas: 10');
  await page.keyboard.press('Alt+ArrowDown');
  assert.equal(await editor.inputValue(), before.replace('maxReplicas: 10', 'maxReplicas: 9'));
  await page.keyboard.press('Alt+Shift+ArrowUp');
  assert.equal(await editor.inputValue(), before.replace('maxReplicas: 10', 'maxReplicas: 19'));
});

test('a problem with a fix is fixed by a click', async t => {
  const { page } = await open(t);
  const before = await page.getByTestId('manifests').inputValue();
  await edit(page, text => text.replace('maxReplicas:', 'maxReplica:'));
  await page.getByTestId('fix').filter({ hasText: 'maxReplicas' }).click();
  assert.equal(await page.getByTestId('manifests').inputValue(), before);
});

test('events are added at the cursor and written into the text', async t => {
  const { page } = await open(t);
  await page.getByTestId('scrubber').fill('300');
  await page.getByTestId('open-add').click();
  await page.getByRole('textbox', { name: 'metric … … for …' }).fill('3m');
  await page.getByRole('button', { name: 'Add metric … … for …' }).click();
  assert.match(await page.getByTestId('manifests').inputValue(), /\{at: 300s, metricFault: \{kind: missing, duration: 3m\}\}/);
  await page.getByTestId('scrubber').fill('360');
  await page.getByTestId('conditions').getByText('FailedGetResourceMetric').waitFor();
  await page.getByTestId('open-add').click();
  await page.getByRole('combobox', { name: 'metric … … for …' }).first().selectOption('cpu');
  await page.getByRole('button', { name: 'Add metric … … for …' }).click();
  assert.match(await page.getByTestId('manifests').inputValue(), /\{at: 360s, metricFault: \{metric: "cpu", kind: missing, duration: 2m\}\}/);
});

test('defaults set by the API server are marked', async t => {
  const { page } = await open(t);
  await edit(page, text => text.replace('  minReplicas: 1\n', ''));
  const stored = await unfold(page, 'stored');
  assert.match(await stored.locator('.is-filled', { hasText: 'minReplicas' }).innerText(), /minReplicas: 1/);
});

for (const [name, options] of [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 360, height: 740 }, hasTouch: true }],
]) {
  test(`the expanded sections have no accessibility problems (${name})`, async t => {
    const { page, problems } = await open(t, options);
    if (name === 'phone') await page.getByRole('tab', { name: 'Why' }).click();
    for (const section of ['numbers', 'compare', 'kubectl-get', 'kubectl-describe', 'stored', 'keys']) await unfold(page, section);
    await page.getByTestId('pin-behavior').click();
    await page.getByText('They diverge at').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.deepEqual(problems, []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
  });
}

test('a load shape and a recorded series are added to the load', async t => {
  const { page } = await open(t);
  await page.getByTestId('open-add').click();
  await page.getByRole('button', { name: 'Add noise of … requests/s' }).click();
  assert.match(await page.getByTestId('manifests').inputValue(), /\n- noise: \{deviation: 10\}\n/);
  await page.getByTestId('open-add').click();
  await page.getByTestId('series').fill('0,5\n60,x');
  await page.getByTestId('series-notes').getByText('read').or(page.getByTestId('series-notes').getByText('1 point')).first().waitFor();
  await page.getByTestId('series').fill('0,5\n60,7\n');
  await page.getByTestId('series-notes').getByText('2 points').waitFor();
  await page.getByTestId('add-series').click();
  assert.match(await page.getByTestId('manifests').inputValue(), /series:\n {4}csv: \|-\n {6}0,5\n {6}60,7\n/);
  assert.equal(await page.getByTestId('stale').count(), 0);
  await page.getByTestId('open-files').click();
  await page.getByTestId('open-file').setInputFiles({ name: 'load.csv', mimeType: 'text/csv', buffer: Buffer.from('0,4\n60,8\n') });
  await page.getByText('The series is now the load').last().waitFor();
  assert.match(await page.getByTestId('manifests').inputValue(), /\n {6}60,8\n/);
});

test('a number in the text is dragged by its handle or with Alt held down', async t => {
  const { page } = await open(t);
  const editor = page.getByTestId('manifests');
  const before = await editor.inputValue();
  await caret(page, 'maxReplicas: 10');
  await page.getByTestId('grip').scrollIntoViewIfNeeded();
  const grip = await page.getByTestId('grip').boundingBox();
  await page.mouse.move(grip.x + 8, grip.y + 8);
  await page.mouse.down();
  await page.mouse.move(grip.x + 8 + 31, grip.y + 8, { steps: 4 });
  await page.mouse.up();
  assert.equal(await editor.inputValue(), before.replace('maxReplicas: 10', 'maxReplicas: 15'));
  const number = await page.locator('.editor-lines .y-number', { hasText: /^15$/ }).boundingBox();
  await page.keyboard.down('Alt');
  await page.mouse.move(number.x + 5, number.y + 5);
  await page.mouse.down();
  await page.mouse.move(number.x + 5 - 19, number.y + 5, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Alt');
  assert.equal(await editor.inputValue(), before.replace('maxReplicas: 10', 'maxReplicas: 12'));
  await page.getByTestId('undo').click();
  await page.getByTestId('undo').click();
  assert.equal(await editor.inputValue(), before, 'each drag is one undo step');
});

test('completions are opened and accepted by keys', async t => {
  const { page } = await open(t);
  const editor = page.getByTestId('manifests');
  await edit(page, text => text.replace('  maxReplicas: 10\n', '  maxReplicas: 10\n  b\n'));
  await editor.evaluate(area => {
    const at = area.value.indexOf('  b\n') + 3;
    area.focus();
    area.setSelectionRange(at, at);
  });
  await page.keyboard.press('Control+ ');
  await page.getByTestId('suggestions').getByText('behavior').waitFor();
  await painted(page);
  const [list, box] = await Promise.all([page.getByTestId('suggestions'), page.locator('.editor')].map(part => part.boundingBox()));
  assert.ok(list.y + list.height <= box.y + box.height, 'the list is inside the editor, also at its last line');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press('Enter');
  assert.match(await editor.inputValue(), /\n {2}behavior: \n/);
  await page.keyboard.type('\n    scaleUp:\n      selectPolicy: ');
  await page.keyboard.press('Control+ ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  assert.match(await editor.inputValue(), /selectPolicy: Max\n/);
  assert.equal(await page.getByTestId('suggestions').getByRole('option').count(), 0);
});
