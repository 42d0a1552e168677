// What a reader of a page may stumble over.
(() => {
  const visible = (element) => element.getClientRects().length > 0;

  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const background = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };

  const contrast = (element) => {
    const pair = [getComputedStyle(element).color, background(element)].map(luminance);
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };

  document.querySelectorAll("details").forEach((each) => (each.open = true));
  const elements = [...document.querySelectorAll("body *")];
  const withText = elements.filter((each) =>
    visible(each) && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return {
    background: background(document.body),
    contrast: Math.min(...withText.map(contrast)),
    headings: elements.filter((each) => /^H[1-6]$/.test(each.tagName)).map((each) => +each.tagName[1]),
    landmarks: ["header", "nav", "main", "footer"].filter((name) => document.querySelector(name)),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    broken: [...document.images].filter((each) => !each.naturalWidth).length,
    images: document.images.length,
    silent: [...document.images].filter((each) => !each.hasAttribute("alt")).length,
    answers: [...document.querySelectorAll(".answer")].map(
      (each) => each.getBoundingClientRect().bottom),
  };
})();
