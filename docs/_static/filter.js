/* Long index pages get a box that narrows their lists to the lines that hold all its words. */
(() => {
  "use strict";
  const place = document.getElementById("filter");
  if (!place) return;
  const article = place.closest("article");
  const lines = [...article.querySelectorAll("section section > ul > li")].map((item) => [item, item.textContent.toLowerCase()]);
  const input = document.createElement("input");
  input.type = "search";
  input.maxLength = 200;
  input.placeholder = "Narrow the lists: backup, tap, 997978 …";
  input.setAttribute("aria-label", "Narrow the lists");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const [item, text] of lines) item.hidden = !words.every((word) => text.includes(word));
    for (const section of article.querySelectorAll("section section")) {
      section.hidden = words.length > 0 && !section.querySelector("ul > li:not([hidden])");
    }
  });
  place.append(input);
})();
