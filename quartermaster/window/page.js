// What a page does in the window and not in a browser. Run in each page once it is loaded.
(() => {
  // A page that was left may have asked for this too late: then the desk is not here yet, and this page asks itself.
  if (window.inQuartermaster || !window.pywebview?.api?.titled) return;
  window.inQuartermaster = true;
  const desk = window.pywebview.api;
  const own = location.origin;

  const titled = () => desk.titled(document.title);
  new MutationObserver(titled).observe(document.head, { subtree: true, childList: true, characterData: true });
  titled();
  desk.visited(location.pathname + location.search);

  // A blob is gone as soon as the click is over, so its bytes are fetched at once.
  const save = (link) => {
    const name = link.download || link.pathname.split("/").pop();
    if (link.protocol !== "blob:") return desk.save(name, link.pathname + link.search);
    fetch(link.href).then((answer) => answer.blob()).then((blob) => {
      const reader = new FileReader();
      reader.onload = () => desk.save_bytes(name, reader.result.slice(reader.result.indexOf(",") + 1));
      reader.readAsDataURL(blob);
    });
  };
  // There is one window: what would open another opens here, and what is not ours in the browser.
  const go = (address) => {
    const target = new URL(address, location.href);
    const ours = target.origin === own && target.protocol === location.protocol;
    if (ours) location.assign(target);
    else desk.open_outside(target.href);
    return ours ? window : null;
  };
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || (event.defaultPrevented && !link.download)) return;
    if (link.hasAttribute("download") && (link.origin === own || link.protocol === "blob:")) {
      event.preventDefault();
      save(link);
    } else if (link.origin !== own || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) {
      event.preventDefault();
      go(link.href);
    }
  }, true);
  window.open = (address) => go(address ?? "");

  // A page that is zoomed by its style does not know how tall the window is: to some webviews 100dvh is more then.
  const fit = () => {
    const { style } = document.documentElement;
    style.setProperty("--tall", Number(style.zoom || 1) === 1 ? "" : `${innerHeight / style.zoom}px`);
  };
  addEventListener("resize", fit);
  fit();

  const keys = {
    "+": () => desk.zoom(1), "=": () => desk.zoom(1), "-": () => desk.zoom(-1), "0": () => desk.zoom(0),
    p: () => window.print(), q: () => desk.close(), w: () => desk.close(), r: () => location.reload(),
  };
  addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey;
    if (held && !event.altKey && keys[event.key]) {
      event.preventDefault();
      event.stopImmediatePropagation();
      keys[event.key]();
    } else if (event.altKey && !held && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      history.go(event.key === "ArrowLeft" ? -1 : 1);
    }
  }, true);
})();
