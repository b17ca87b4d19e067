//! The site publishes the experiments and their schema, identical to the repository.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './browser.mjs';

test('the site publishes every experiment and the schema', () => {
  const source = join(ROOT, 'simulation/experiments');
  const names = readdirSync(source);
  assert.ok(names.includes('schema.json') && names.includes('php-apache.yaml'));
  for (const name of names) {
    const published = readFileSync(join(ROOT, 'dist/experiments', name));
    assert.ok(published.equals(readFileSync(join(source, name))), `dist/experiments/${name} differs`);
  }
});
