// Brings the second part of the page's wasm, which the first picture does not need, and joins it to
// the first: see scripts/parts/split.mjs, which also writes its name here. It travels with the first
// part for a visit that will need it, and otherwise as soon as the page is touched.
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

/** Ends when the second part is there, or could not be had. */
export function bring() {
  for (const touch of TOUCHES) removeEventListener(touch, bring, true);
  module ??= fetched();
  // Where it fails, the first call that needs it tries again, and says so.
  joined ??= module.then(join).catch(() => {});
  return joined;
}

// A link or a text of a former visit is read by functions that are not in the first part.
function expected() {
  try {
    return location.search !== '' || location.hash !== '' || localStorage.length > 0;
  } catch {
    return false;
  }
}

// Beside the first part, not after it.
if (expected()) {
  module = fetched();
  module.catch(() => {});
}

/** Called with what the first part exports, before it runs. */
export async function begin(exports) {
  first = exports;
  if (module) await bring();
  else for (const touch of TOUCHES) addEventListener(touch, bring, { capture: true, passive: true });
}

/** Called by the first part when it needs the second in the middle of a call, which cannot wait. */
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
    broken.querySelector('p').textContent = 'A part of HPA Playground could not be fetched. Your text is kept: reload the page when there is a network.';
    broken.hidden = false;
    throw error;
  }
}
