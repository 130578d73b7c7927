// An address whose fragment is not on its page: the part may have moved, most often to the chapter's page "in full".
(() => {
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const page = decodeURIComponent(location.pathname.split("/").pop()).replace(/\.html$/, "");
  const wanted = () => decodeURIComponent(location.hash.slice(1));

  // The page of the same chapter if it has the part, else the only page that has it.
  window.ftcLabels = (labels) => {
    const pages = labels[wanted()] ?? [];
    const same = pages.find((name) => /^\d\d_/.test(page) && name.split("/").pop().startsWith(page.slice(0, 3)));
    const found = same ?? (pages.length === 1 ? pages[0] : undefined);
    if (found) location.replace(new URL(`${found}.html${location.hash}`, root));
  };

  const look = () => {
    if (!wanted() || document.getElementById(wanted())) return;
    const script = document.createElement("script");
    script.src = new URL("_static/labels.js", root);
    document.head.append(script);
  };
  addEventListener("hashchange", look);
  look();
})();
