// Says what is wrong where the page cannot start, and lets it work offline. Plain JavaScript, for
// it has to run where WebAssembly does not.
(() => {
  const broken = document.getElementById('broken');
  const say = text => {
    broken.querySelector('p').textContent = text;
    broken.hidden = false;
    document.getElementById('loading')?.remove();
  };
  if (typeof WebAssembly !== 'object') {
    say('HPA Playground computes everything in your browser with WebAssembly, which this browser lacks or forbids. '
      + 'Allow WebAssembly for this page, or open it in a current browser. Nothing that you kept here is lost.');
    return;
  }
  const failed = event => {
    if (event.target.rel !== 'icon' && broken.hidden) say(`HPA Playground could not start: ${event.reason ?? event.message ?? 'a file is missing'}. Nothing that you kept here is lost.`);
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
  // Fetching the whole site must not slow the first picture down. It is not left out where the page
  // does not get that far: an update may mend that.
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
          // Without a controller it is the first one, not a new one.
          if (worker.state === 'installed' && workers.controller) offer(worker);
        });
      });
    } catch { /* Without it the page needs the network, and works. */ }
  });
})();
