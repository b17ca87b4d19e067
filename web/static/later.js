// Loads the second part of the page's wasm, which the first picture does not need, and links it to the
// first: see scripts/parts/split.mjs, which also sets its file name here. Visits that will need it fetch
// it together with the first part, others at the first interaction.
const file = new URL('later.wasm', import.meta.url);
const TOUCHES = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'dragenter', 'paste', 'hashchange'];
let first;
let module;
let joined;

function join(compiled) {
  if (first.joined.value) return;
  const functions = {};
  for (let place = 0; place < first.parts.length; place++) functions[place] = first.parts.get(place);
  new WebAssembly.Instance(compiled, { first, functions });
  first.joined.value = 1;
}

async function fetched() {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} answers ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Resolves when the second part is linked or has failed to load. */
export function bring() {
  for (const touch of TOUCHES) removeEventListener(touch, bring, true);
  module ??= fetched();
  // If this fails, the first call that needs it tries again and shows the error.
  joined ??= module.then(join).catch(() => {});
  return joined;
}

// Reading a link or the text of an earlier visit needs functions of the second part.
function expected() {
  try {
    return location.search !== '' || location.hash !== '' || localStorage.length > 0;
  } catch {
    return false;
  }
}

// In parallel with the first part.
if (expected()) {
  module = fetched();
  module.catch(() => {});
}

/** Called with the exports of the first part, before it runs. */
export async function begin(exports) {
  first = exports;
  if (module) await bring();
  else for (const touch of TOUCHES) addEventListener(touch, bring, { capture: true, passive: true });
}

/** Called by the first part when a function needs the second one: it must be loaded synchronously. */
export function joinNow() {
  const request = new XMLHttpRequest();
  request.open('GET', file, false);
  request.overrideMimeType('text/plain; charset=x-user-defined');
  try {
    request.send();
    if (request.status !== 200) throw new Error(`${file} answers ${request.status}`);
    join(new WebAssembly.Module(Uint8Array.from(request.responseText, letter => letter.charCodeAt(0))));
  } catch (error) {
    const broken = document.getElementById('broken');
    broken.querySelector('p').textContent = 'A part of HPA Playground could not be loaded. Your text is saved: reload the page when you are online.';
    broken.hidden = false;
    throw error;
  }
}
