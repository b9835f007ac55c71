// What a page does in the window and not in a browser. Run in each page once it is loaded.
(() => {
  if (window.inQuartermaster) return;
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
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || (event.defaultPrevented && !link.download)) return;
    const ours = link.origin === own;
    if (link.hasAttribute("download") && (ours || link.protocol === "blob:")) {
      event.preventDefault();
      save(link);
    } else if (!ours || link.target === "_blank") {
      event.preventDefault();
      desk.open_outside(link.href);
    }
  }, true);
  window.open = (address) => { desk.open_outside(new URL(address, location.href).href); return null; };

  const keys = {
    "+": () => desk.zoom(1), "=": () => desk.zoom(1), "-": () => desk.zoom(-1), "0": () => desk.zoom(0),
    p: () => desk.print_page(), q: () => desk.close(), w: () => desk.close(), r: () => location.reload(),
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
