// What is wrong with the look of a page, a text each: texts without enough contrast
// to their ground, a page that is wider than its window, headings that skip a level,
// controls without a label, an ID twice, no language.
(() => {
  const found = [];
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const luminance = ({r, g, b}) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const color = channels(getComputedStyle(element).backgroundColor);
      if (color.a === 1) return color;
      if (color.a !== 0) found.push("a ground that is seen through: " + element.className);
    }
    return {r: 255, g: 255, b: 255};
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let looked = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("caption, option, noscript")) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    looked++;
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(2)}: ${texts.currentNode.data.trim()}`);
  }
  if (looked < 20) found.push(`only ${looked} texts`);
  const wide = document.documentElement;
  if (wide.scrollWidth > wide.clientWidth) found.push(`${wide.scrollWidth} px wide in a window of ${wide.clientWidth}`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.nodeName[1]);
    if (next > level + 1) found.push(`${heading.nodeName} after H${level}: ${heading.textContent}`);
    level = next;
  }
  for (const control of document.querySelectorAll("input:not([type=hidden]), select")) {
    if (!control.labels.length) found.push("no label: " + control.name);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push("ID twice: " + id);
  if (!document.documentElement.lang) found.push("no language");
  for (const head of document.querySelectorAll("th")) if (!head.scope) found.push("no scope: " + head.textContent);
  for (const table of document.querySelectorAll("table")) if (!table.caption?.textContent) found.push("a table without a caption");
  return found;
})()
