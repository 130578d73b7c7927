// Point at a word of the glossary, at a reference to a statement or a formula, or at the badge of a check, and a small
// box shows what it leads to. It also opens by keyboard focus and, where the link is a word or a badge, by a first tap;
// it closes with Escape, by a tap elsewhere, or when one leaves it.
(() => {
  const LINKS = ".bd-article a.ftc-term, .bd-article a:has(.ftc-badge), .bd-article a.reference.internal[href*='#']";
  const SOON = 250; // milliseconds: for a pointer that only passes by, and on its way into the box
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const name = (url) => decodeURIComponent(url.pathname.split("/").pop()).replace(/\.html$/, "");

  const box = document.createElement("div");
  box.id = "ftc-hover";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  let shown = null; // the link whose box is open
  let timer = 0;

  // What other pages have to show comes in scripts, which load without a server as well.
  const pages = {};
  window.ftcPreviews = (page, previews) => { pages[page] = previews; };
  const load = (page) => new Promise((done) => {
    const script = document.createElement("script");
    script.onload = script.onerror = done;
    script.src = new URL(`_static/previews/${page}.js`, root);
    document.head.append(script);
  });

  async function content(link) {
    if (link.dataset.evidence) return document.createTextNode(link.dataset.evidence);
    const url = new URL(link.href);
    const [page, id] = [name(url), decodeURIComponent(url.hash.slice(1))];
    const here = page === name(location) && document.getElementById(id);
    if (here && !here.matches(".proof, .math, dt")) return null;
    if (!here && !(page in pages)) await load(page);
    const html = here ? (here.matches("dt") ? here.nextElementSibling : here).outerHTML : pages[page]?.[id];
    if (!html) return null;
    const copy = document.createElement("template");
    copy.innerHTML = html;
    copy.content.querySelectorAll(".headerlink, .ftc-badges").forEach((part) => part.remove());
    copy.content.querySelectorAll("a").forEach((part) => part.replaceWith(...part.childNodes));
    copy.content.querySelectorAll("[id], [tabindex]").forEach((part) => {
      part.removeAttribute("id");
      part.removeAttribute("tabindex");
    });
    return copy.content;
  }

  async function show(link) {
    if (shown === link) return;
    hide();
    shown = link;
    const found = await content(link);
    if (shown !== link) return;
    if (!found) { shown = null; return; }
    box.replaceChildren(found);
    box.hidden = false;
    const [line] = link.getClientRects();
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(line.left, wide - box.offsetWidth - 8));
    const above = line.bottom + box.offsetHeight + 8 > innerHeight && line.top > box.offsetHeight + 8;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(above ? line.top - box.offsetHeight - 4 : line.bottom + 4) + scrollY}px`;
    link.setAttribute("aria-describedby", box.id);
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  }

  const later = (action) => { clearTimeout(timer); timer = setTimeout(action, SOON); };
  const link = (event) => event.target.closest?.(LINKS);

  document.body.append(box);
  document.querySelectorAll(".bd-article a:has(.ftc-badge)").forEach((badge) => {
    badge.dataset.evidence = badge.title; // one box instead of two
    badge.setAttribute("aria-description", badge.title);
    badge.removeAttribute("title");
  });

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const over = link(event);
    if (over) later(() => show(over));
    else if (box.contains(event.target)) clearTimeout(timer);
    else later(hide);
  });
  document.addEventListener("focusin", (event) => (link(event) ? show(link(event)) : hide()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  let tapped = null; // the link under a finger, unless its box is open: then the tap follows it
  document.addEventListener("pointerdown", (event) => {
    tapped = event.pointerType === "touch" && link(event) !== shown ? link(event) : null;
    if (event.pointerType === "touch" && !link(event) && !box.contains(event.target)) hide();
  }, true);
  document.addEventListener("click", (event) => {
    const over = link(event);
    if (!over || over !== tapped || !over.matches(".ftc-term, :has(.ftc-badge)")) return;
    event.preventDefault();
    show(over);
  });
})();
