/*
 * Copyright: Contributors to the tokenops.ionos collection
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // A page that is left open grows old too.
  const outdated = byId("outdated");
  const limit = Date.parse(byId("outdated-from").querySelector("time").dateTime);
  const title = document.title;
  const judgeAge = () => {
    const isOutdated = Date.now() >= limit;
    if (outdated.hidden !== isOutdated) return;
    outdated.hidden = !isOutdated;
    byId("outdated-from").hidden = isOutdated;
    document.body.classList.toggle("stale", isOutdated);
    document.title = isOutdated ? `Outdated: ${title}` : title;
  };
  judgeAge();
  setInterval(judgeAge, 60000);

  const list = byId("list");
  if (!list) return;
  const rows = [...list.tBodies];
  const text = byId("filter-text");
  const level = byId("filter-level");
  let contents = null;
  const filter = () => {
    contents ??= rows.map((row) => row.textContent.toLowerCase());
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, number) => {
      const fits = (!level.value || row.classList.contains(level.value))
        && wanted.every((word) => contents[number].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    byId("filter-count").textContent = count === rows.length ? "" : `${count} of ${rows.length} are shown.`;
  };
  const setFilter = (words, value) => {
    text.value = words;
    level.value = value;
    filter();
  };
  text.addEventListener("input", filter);
  level.addEventListener("change", filter);
  byId("filter").hidden = false;

  const reveal = (id) => {
    const target = id && byId(id);
    const row = target && target.closest("tbody");
    if (!row || !rows.includes(row)) return;
    if (row.hidden) setFilter("", "");
    const details = target.closest("details");
    if (details) details.open = true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    if (link.dataset.level) setFilter("", link.dataset.level);
    reveal(link.hash.slice(1));
  });
  reveal(location.hash.slice(1));
})();
