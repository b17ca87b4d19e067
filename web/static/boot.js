// Shows an error if the page cannot start, and registers the service worker. Plain JavaScript, because
// it must run without WebAssembly.
(() => {
  const broken = document.getElementById('broken');
  const say = text => {
    broken.querySelector('p').textContent = text;
    broken.hidden = false;
    document.getElementById('loading')?.remove();
  };
  if (typeof WebAssembly !== 'object') {
    say('HPA Playground needs WebAssembly, which this browser does not support or has disabled. '
      + 'Enable WebAssembly for this page, or open it in a current browser. Your saved experiments are not lost.');
    return;
  }
  const failed = event => {
    if (event.target.rel !== 'icon' && broken.hidden) say(`HPA Playground could not start: ${event.reason ?? event.message ?? 'a file is missing'}. Your saved experiments are not lost.`);
  };
  addEventListener('error', failed, true);
  addEventListener('unhandledrejection', failed);
  addEventListener('TrunkApplicationStarted', () => {
    removeEventListener('error', failed, true);
    removeEventListener('unhandledrejection', failed);
  });

  const workers = navigator.serviceWorker;
  if (!workers || !isSecureContext) return;
  const update = document.getElementById('update');
  const offer = worker => {
    update.hidden = false;
    update.querySelector('button').onclick = () => {
      workers.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take over');
    };
  };
  // Fetching the whole site must not delay the first picture. It also happens if the page fails to
  // start, since an update may fix that.
  const standing = new Promise(done => {
    const built = new MutationObserver(() => {
      if (!document.querySelector('main:not([aria-busy])')) return;
      built.disconnect();
      (globalThis.requestIdleCallback ?? setTimeout)(done);
    });
    built.observe(document.documentElement, { subtree: true, attributeFilter: ['aria-busy'] });
    setTimeout(done, 10_000);
  });
  addEventListener('load', async () => {
    await standing;
    try {
      const registration = await workers.register('./sw.js');
      if (registration.waiting && workers.controller) offer(registration.waiting);
      registration.addEventListener('updatefound', () => {
        const worker = registration.installing;
        worker.addEventListener('statechange', () => {
          // Without a controller, this is the first version, not an update.
          if (worker.state === 'installed' && workers.controller) offer(worker);
        });
      });
    } catch { /* Without it, the page still works, but needs the network. */ }
  });
})();
