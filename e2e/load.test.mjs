//! Ways to set the load other than the slider: pasting, dropping, drawing.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { painted, site } from './browser.mjs';

const open = site();
const text = page => page.getByTestId('manifests');
const value = page => text(page).inputValue();
const notice = page => page.getByTestId('notice');
const PROMETHEUS = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [
  { metric: {}, values: [[1700000000, '12'], [1700000060, '31'], [1700000120, '20']] }] } });

/** Pastes from the browser's clipboard by keyboard. */
async function paste(page, series) {
  await page.evaluate(series => navigator.clipboard.writeText(series), series);
  await page.keyboard.press('Control+v');
  await painted(page);
}

test('a series pasted into the text can be used as the load, and one undo reverts it', async t => {
  const { page, problems } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const before = await value(page);
  for (const [series, says, part] of [
    [PROMETHEUS, '3 points over 2:00', /load:\n- name: load-generator\n {2}series:\n {4}prometheus: \|-\n[^]*\nworkload:/],
    ['time,rps\n0,12\n60,31\n120,20\n', '3 points over 2:00', /load:\n- name: load-generator\n {2}series:\n {4}csv: \|-\n/],
    ['0+10x60', '61 points over 1:00:00', /load:\n- name: load-generator\n {2}series:\n {4}promtool: \|-\n/],
  ]) {
    for (const where of ['Control+Home', 'Control+a']) {
      await text(page).focus();
      await page.keyboard.press(where);
      await paste(page, series);
      await notice(page).getByText(says).waitFor();
      assert.equal(await value(page), before, 'the text is not broken');
      assert.equal(await page.getByTestId('stale').count(), 0);
      await page.getByTestId('paste-load').click();
      assert.match(await value(page), part);
      assert.ok(!(await value(page)).includes('step:'), 'it replaces the previous load');
      assert.match(await page.getByTestId('problems').innerText(), /^1 warning\n/);
      await page.getByTestId('undo').click();
      assert.equal(await value(page), before);
    }
  }
  assert.deepEqual(problems, []);
});

test('a series can be pasted as text', async t => {
  const { page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const before = await value(page);
  await text(page).focus();
  await page.keyboard.press('Control+End');
  await paste(page, '0,1\n60,2\n');
  await page.getByTestId('paste-text').click();
  assert.equal(await value(page), `${before}0,1\n60,2\n`);
  // Under its field in the document it is valid and pasted without a question.
  await text(page).fill(before.replace(/load:\n.*\n.*\n/, 'load:\n- name: load-generator\n  series:\n    csv: |-\n      \n'));
  await text(page).evaluate(area => {
    const caret = area.value.indexOf('csv: |-') + 14;
    area.setSelectionRange(caret, caret);
  });
  await paste(page, '0,1\n      60,2');
  assert.match(await value(page), /csv: \|-\n {6}0,1\n {6}60,2\n/);
  assert.equal(await notice(page).innerText(), '');
  // Other text is pasted as usual.
  await page.keyboard.press('Control+End');
  await paste(page, '# words');
  assert.match(await value(page), /# words$/);
});

test('a series can be pasted outside the text or dropped as a file, and a long one is written compactly', async t => {
  const { page, problems } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByTestId('charts').focus();
  await paste(page, 'time,rps\n0,12\n60,31\n');
  await page.getByTestId('paste-load').click();
  assert.match(await value(page), /csv: \|-\n {6}time,rps\n/);
  const long = Array.from({ length: 20_000 }, (_, at) => `${at * 6},${at % 100}`).join('\n');
  for (const [name, series, part] of [['answer.json', PROMETHEUS, 'prometheus: |-'], ['long.csv', long, 'interval: 6s']]) {
    await page.evaluate(([name, series]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([series], name));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, [name, series]);
    await page.waitForFunction(part => document.querySelector('[data-testid=manifests]').value.includes(part), part);
  }
  assert.ok((await value(page)).split('\n').length < 300, 'more than one point per line');
  assert.deepEqual(problems, []);
});

/** The walkthrough with another load. */
const under = async (page, walkthrough, load) => {
  const changed = walkthrough.replace(/load:\n.*\n.*\n/, `load:\n${load}`).replace(/goals:[^]*/, '');
  await text(page).fill(changed);
  return changed;
};

test('any load is converted to points for drawing, and one undo restores it', async t => {
  const { page, problems } = await open(t);
  const handles = page.getByRole('slider', { name: /^Load from/ });
  const chart = page.getByTestId('chart-load');
  const walkthrough = await value(page);
  for (const [load, most] of [
    ['- ramp: {endRate: 90, from: 2m, until: 20m}\n', 4],
    ['- wave: {mean: 50, amplitude: 40}\n', 40],
    ['- constant: 20\n- spike: {height: 60, at: 5m, rise: 15s, hold: 2m, decay: 30s}\n', 40],
    ['- constant: 50\n- noise: {deviation: 10}\n', 40],
    [`- series:\n    csv: |-\n${Array.from({ length: 300 }, (_, at) => `      ${at * 6},${20 + at % 60}\n`).join('')}`, 40],
  ]) {
    const before = await under(page, walkthrough, load);
    assert.equal(await handles.count(), 0);
    await chart.getByTestId('draw').click();
    await notice(page).getByText(/^The load is now \d+ points joined by lines, within [\d.]+ requests\/s of the original/).waitFor();
    const count = await handles.count();
    assert.ok(count > 1 && count <= most, `${count} points of ${load}`);
    assert.match(await value(page), /interpolation: linear/);
    assert.equal(await page.getByTestId('stale').count(), 0);
    assert.ok(!await chart.getByTestId('draw').isVisible());
    // Moving a point keeps the line linear.
    await handles.nth(1).press('ArrowUp');
    assert.equal(await handles.count(), count);
    await page.getByTestId('undo').click();
    await page.getByTestId('notice-undo').waitFor({ state: 'detached' });
    await page.getByTestId('undo').click();
    assert.equal(await value(page), before);
  }
  await under(page, walkthrough, '- wave: {mean: 50, amplitude: 40}\n');
  const box = await chart.locator('.plot').boundingBox();
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
  assert.match(await value(page), /\{at: 1[45]m\d*s?, rate: [\d.]+\}/);
  await page.getByTestId('notice-undo').click();
  assert.match(await value(page), /wave: \{mean: 50/);
  assert.deepEqual(problems, []);
});

test('a load with a part that a goal refers to is not converted, with a notice', async t => {
  const { page } = await open(t);
  const changed = (await value(page)).replace('  step: {rate: 61, from: 1m, until: 11m}\n', '  constant: 5\n- name: peak\n  wave: {mean: 20}\n')
    .replaceAll('after: load-generator', 'after: peak');
  await text(page).fill(changed);
  await page.getByTestId('draw').click();
  await notice(page).getByText('a goal refers to a part of the load').waitFor();
  assert.equal(await value(page), changed);
});

test('a series is added to the load if goals refer to parts that it would replace', async t => {
  const { page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await text(page).fill((await value(page)).replace('  step: {rate: 61', '  constant: 5\n- name: peak\n  step: {rate: 61').replaceAll('after: load-generator', 'after: peak'));
  await text(page).focus();
  await paste(page, PROMETHEUS);
  await page.getByTestId('paste-load').click();
  assert.match(await value(page), /- name: peak\n.*\n- name: imported\n {2}series:/);
  assert.equal(await page.getByTestId('stale').count(), 0);
});
