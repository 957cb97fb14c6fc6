// Drives the HTML report in a real browser, headless.
//
// PALISADE_REPORT_HTML   the report, or several separated as in PATH
// CHROMIUM               the browser, /usr/bin/chromium unless told otherwise
// PALISADE_SCREENSHOTS   a folder for screenshots; none are taken without it
//
// What to expect is read from the report's own JSON, so any report will do.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const REPORTS = (process.env.PALISADE_REPORT_HTML ?? "").split(delimiter).filter(Boolean);
const SCREENSHOTS = process.env.PALISADE_SCREENSHOTS;
const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
const ROW = "tr[data-finding]";
const MARK = ".source mark";
const LEAST_CONTRAST = 4.5;

test("a report is named in PALISADE_REPORT_HTML", () => {
  assert.notEqual(REPORTS.length, 0, "set PALISADE_REPORT_HTML to the path of a report");
});

for (const path of REPORTS) describe(basename(path), () => exercise(resolve(path)));

function exercise(path) {
  const address = pathToFileURL(path).href;
  const report = embeddedReport(path);
  const open = report.findings.filter(({ result }) => result === "fail" || result === "unknown");
  const requests = [];
  const problems = [];
  let browser;
  let page;

  before(async () => {
    browser = await chromium.launch(BROWSER);
    page = await newPage(DESKTOP);
  });

  after(async () => {
    await browser?.close();
  });

  async function newPage(viewport, colorScheme = "light") {
    const context = await browser.newContext({ viewport, colorScheme });
    const created = await context.newPage();
    created.on("request", (request) => requests.push(request.url().split("#")[0]));
    created.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    created.on("pageerror", (error) => problems.push(error.message));
    return created;
  }

  async function visit(hash, target = page) {
    await target.goto("about:blank");
    await target.goto(address + hash);
    await target.waitForFunction(() => document.title.endsWith("Palisade"));
  }

  test("the findings shown first are those that fail or are unknown", async () => {
    await visit("#/findings");
    const chunk = Number(await page.locator(".finding-table").getAttribute("data-chunk"));
    assert.equal(await page.locator(ROW).count(), Math.min(open.length, chunk));
    assert.match(await page.locator(".tally").innerText(), new RegExp(`^${open.length.toLocaleString("en")} finding`));
  });

  test("the rest comes a chunk at a time", async (t) => {
    await visit("#/findings");
    const chunk = Number(await page.locator(".finding-table").getAttribute("data-chunk"));
    if (open.length <= chunk) return t.skip("the report fits in one chunk");
    await page.getByRole("button", { name: /^Show .* more/ }).click();
    assert.equal(await page.locator(ROW).count(), Math.min(open.length, 2 * chunk));
  });

  test("a severity filter narrows to that severity", async () => {
    const [severity, expected] = rarest(open, (finding) => finding.severity);
    await visit("#/findings");
    const chip = page.locator(`[data-filter="severity"][data-value="${severity}"]`);
    await chip.click();
    assert.equal(await chip.getAttribute("aria-pressed"), "true");
    assert.deepEqual(await shownFingerprints(page), fingerprintsOf(expected));
    await chip.click();
    assert.match(await page.locator(".tally").innerText(), new RegExp(`^${open.length.toLocaleString("en")} finding`));
  });

  test("a result filter shows what passes", async (t) => {
    const passing = report.findings.filter(({ result }) => result === "pass");
    if (passing.length === 0) return t.skip("nothing passes in this report");
    await visit("#/findings?result=pass");
    assert.match(await page.locator(".tally").innerText(), new RegExp(`^${passing.length.toLocaleString("en")} finding`));
  });

  test("the search finds codes and fingerprints and narrows the list", async () => {
    const [code] = rarest(open, (finding) => finding.control);
    await visit("#/findings");
    await searchFor(code);
    const mentioning = open.filter((finding) => searchableText(report, finding).includes(code.toLowerCase()));
    assert.deepEqual(await shownFingerprints(page), fingerprintsOf(mentioning));

    const { fingerprint } = open[0];
    await searchFor(fingerprint);
    assert.deepEqual(new Set(await shownFingerprints(page)), new Set([fingerprint]));

    await searchFor("no finding says this");
    assert.equal(await page.locator(ROW).count(), 0);
  });

  async function searchFor(text) {
    await page.locator("#search").fill(text);
    await page.locator("#search").press("Enter");
  }

  test("the filters are kept in the address", async () => {
    const [severity, expected] = rarest(open, (finding) => finding.severity);
    await visit("#/findings");
    await page.locator(`[data-filter="severity"][data-value="${severity}"]`).click();
    await visit(new URL(page.url()).hash);
    assert.deepEqual(await shownFingerprints(page), fingerprintsOf(expected));
  });

  for (const grouping of ["control", "resource", "cluster"]) {
    test(`grouping by ${grouping} keeps every row and folds`, async () => {
      await visit(`#/findings?group=${grouping}`);
      const rows = await page.locator(ROW).count();
      const chunk = Number(await page.locator(".finding-table").getAttribute("data-chunk"));
      assert.equal(rows, Math.min(open.length, chunk));
      const toggle = page.locator(".group-toggle").first();
      await toggle.click();
      assert.equal(await page.locator(".group-toggle").first().getAttribute("aria-expanded"), "false");
      await page.locator(".group-toggle").first().click();
      assert.equal(await page.locator(ROW).count(), rows);
    });
  }

  test("a column sorts both ways", async () => {
    await visit("#/findings");
    const head = page.locator("th.col-control");
    await head.getByRole("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    const first = await page.locator(`${ROW} .col-control`).first().innerText();
    await head.getByRole("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    const codes = new Set(open.map(({ control }) => control));
    const last = await page.locator(`${ROW} .col-control`).first().innerText();
    assert.equal(first === last, codes.size === 1);
  });

  test("opening a finding marks exactly the span of the JSON", async (t) => {
    const located = open.filter(({ location }) => location?.excerpt?.lines?.length);
    if (located.length === 0) return t.skip("no finding has an excerpt");
    for (const finding of spanSamples(located)) {
      await visit(`#/findings?q=${finding.fingerprint}`);
      await page.locator(`${ROW} a.open`).first().click();
      await page.locator(".source").first().waitFor();
      assert.equal(await page.locator("h1").innerText(), collapsed(finding.message));
      assert.equal(await markedText(page.locator(".source").first()), spanText(finding.location), finding.fingerprint);
      const shown = await page.locator(".source").first().locator(".line").first().getAttribute("data-line");
      assert.equal(Number(shown), finding.location.excerpt.firstLine);
    }
  });

  test("related places are marked likewise", async (t) => {
    const finding = open.find(({ related }) => related?.some(({ excerpt }) => excerpt?.lines?.length));
    if (!finding) return t.skip("no finding has a related place");
    await visit(`#/finding/${finding.fingerprint}`);
    const places = [finding.location, ...finding.related].filter(Boolean);
    assert.equal(await page.locator(".source").count(), places.length);
    for (const [index, location] of places.entries()) {
      if (location.excerpt) assert.equal(await markedText(page.locator(".source").nth(index)), spanText(location));
    }
  });

  test("an unknown finding says what to supply", async (t) => {
    const finding = open.find(({ result, supply }) => result === "unknown" && supply?.length);
    if (!finding) return t.skip("nothing is unknown for want of a supply");
    await visit(`#/finding/${finding.fingerprint}`);
    const block = page.locator("section", { has: page.getByRole("heading", { name: "What to supply" }) });
    assert.deepEqual(await block.locator("pre").allTextContents(), finding.supply);
    assert.equal(await block.getByRole("button", { name: "Copy what to supply" }).count(), finding.supply.length);
  });

  test("a finding that several clusters share says so on the page of each", async (t) => {
    const known = new Set(report.clusters.map(({ id }) => id));
    const finding = open.find(({ clusters }) => clusters.length > 1 && clusters.every((id) => known.has(id)));
    if (!finding) return t.skip("no finding is shared");
    for (const id of finding.clusters.slice(0, 3)) {
      await visit(`#/cluster/${encodeURIComponent(id)}?q=${finding.fingerprint}`);
      const mark = page.locator(`tr[data-finding="${finding.fingerprint}"] .shared`);
      assert.equal(await mark.innerText(), `shared by ${finding.clusters.length} clusters`);
    }
  });

  test("the overview shows every recommendation with its counts and score", async () => {
    await visit("#/");
    assert.equal(await page.locator("[data-recommendation]").count(), report.recommendations.length);
    for (const recommendation of report.recommendations) {
      const card = page.locator(`[data-recommendation="${recommendation.number}"]`);
      const counts = await card.locator(".count b").allInnerTexts();
      const { fail, unknown, pass, notApplicable } = recommendation;
      assert.deepEqual(counts, [fail, unknown, pass, notApplicable].map((count) => count.toLocaleString("en")));
      const score = recommendation.score === null ? "not assessed" : `score ${recommendation.score} of 100`;
      assert.equal(await card.getByRole("img").getAttribute("aria-label"), score);
    }
  });

  test("the keyboard alone finds, opens and closes a finding", async () => {
    await visit("#/");
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await tabUntil(page, "a.open");
    const key = await page.evaluate(() => document.activeElement.closest("tr").dataset.finding);
    await page.keyboard.press("Enter");
    await page.locator("#back").waitFor();
    assert.ok(page.url().endsWith(`#/finding/${key}`), "Enter opens the finding");
    await page.keyboard.press("Escape");
    await page.locator(`tr[data-finding="${key}"] a.open:focus`).waitFor();
  });

  test("the arrows go from row to row and from finding to finding", async (t) => {
    if (open.length < 2) return t.skip("the report has fewer than two open findings");
    await visit("#/findings");
    await page.keyboard.press("/");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const keys = await page.locator(ROW).evaluateAll((rows) => rows.map((row) => row.dataset.finding));
    assert.equal(await page.evaluate(() => document.activeElement.closest("tr").dataset.finding), keys[1]);
    await page.keyboard.press("Enter");
    await page.locator("#back").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction((key) => location.hash.endsWith(key), keys[0]);
    await page.keyboard.press("Escape");
    await page.locator(`tr[data-finding="${keys[0]}"] a.open:focus`).waitFor();
  });

  test("the theme switches and stays", async () => {
    await visit("#/");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole("button", { name: "Switch to the dark theme" }).click();
    const dark = await background();
    assert.notEqual(dark, light);
    await visit("#/findings");
    assert.equal(await background(), dark);
    await page.getByRole("button", { name: "Switch to the light theme" }).click();
    assert.equal(await background(), light);
  });

  test("every page has one h1, names for all it offers, and inert data", async () => {
    for (const hash of samplePages(report, open)) {
      await visit(hash);
      assert.equal(await page.locator("h1").count(), 1, `one h1 on ${hash}`);
      assert.deepEqual(await page.evaluate(namelessElements), [], `names on ${hash}`);
      assert.deepEqual(await page.evaluate(brokenHeadingOrder), [], `order of headings on ${hash}`);
      assert.equal(await page.locator("main img, main script, main iframe, main style").count(), 0, `inert data on ${hash}`);
    }
  });

  for (const theme of ["light", "dark"]) {
    test(`text has contrast enough in the ${theme} theme`, async () => {
      const themed = await newPage(DESKTOP, theme);
      for (const hash of samplePages(report, open)) {
        await visit(hash, themed);
        assert.deepEqual(await themed.evaluate(faintTexts, LEAST_CONTRAST), [], `contrast on ${hash}`);
      }
      await themed.context().close();
    });
  }

  test("nothing is wider than a phone", async () => {
    const phone = await newPage(PHONE);
    for (const hash of samplePages(report, open)) {
      await visit(hash, phone);
      const excess = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(excess <= 0, `${hash} is ${excess} pixels too wide`);
    }
    await phone.context().close();
  });

  test("paper shows the findings without the controls of the screen", async () => {
    await visit("#/findings");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".topbar").isVisible(), false);
    assert.equal(await page.locator(".filters").isVisible(), false);
    assert.equal(await page.locator(ROW).first().isVisible(), open.length > 0);
    await page.emulateMedia({ media: "screen" });
  });

  test("screenshots", async (t) => {
    if (!SCREENSHOTS) return t.skip("PALISADE_SCREENSHOTS is not set");
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const shot of screenshots(report, open)) await take(shot);
  });

  async function take({ name, hash, viewport, theme }) {
    const target = await newPage(viewport, theme);
    await visit(hash, target);
    await target.screenshot({ path: join(SCREENSHOTS, `${basename(path, ".html")}-${name}.png`), fullPage: true });
    await target.context().close();
  }

  test("nothing was asked of the network and nothing went wrong", async () => {
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    assert.match(policy, /default-src 'none'/);
    const others = requests.filter((url) => url !== address && url !== "about:blank" && !url.startsWith("data:"));
    assert.deepEqual(others, []);
    assert.deepEqual(problems, []);
  });
}

// ------------------------------------------------------ what the JSON promises

function embeddedReport(path) {
  const html = readFileSync(path, "utf8");
  const [, json] = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(html) ?? [];
  assert.ok(json, `${path} embeds no report`);
  const report = JSON.parse(json);
  // Findings name clusters by their place in the list.
  for (const finding of report.findings) {
    finding.clusters = finding.clusters.map((cluster) => report.clusters[cluster]?.id ?? cluster);
  }
  return report;
}

// The value that the fewest findings have, so that the filter has something to take away.
function rarest(findings, valueOf) {
  const groups = new Map();
  for (const finding of findings) {
    const value = valueOf(finding);
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(finding);
  }
  return [...groups].sort((a, b) => a[1].length - b[1].length)[0];
}

function searchableText(report, { subject, message, control, fingerprint, location, related }) {
  const { name } = report.controls.find(({ code }) => code === control) ?? { name: "" };
  const paths = [location, ...(related ?? [])].filter(Boolean).map(({ path }) => path);
  return [subject.id, subject.name, subject.type, message, control, name, fingerprint, ...paths].join("\n").toLowerCase();
}

function fingerprintsOf(findings) {
  return findings.map(({ fingerprint }) => fingerprint).sort();
}

function collapsed(text) {
  return text.replace(/\s+/g, " ").trim();
}

// Spans of every shape: on one line, over several, ending before their line does,
// on lines with characters outside the basic plane.
function spanSamples(findings) {
  const several = ({ location }) => location.endLine > location.startLine;
  const astral = ({ location }) => location.excerpt.lines.some((line) => line.length !== [...line].length);
  const endsInside = ({ location: { endLine, endColumn, excerpt } }) => endColumn <= [...(excerpt.lines[endLine - excerpt.firstLine] ?? "")].length;
  const shapes = [several, endsInside, astral].map((shape) => findings.find(shape));
  const samples = [findings[0], findings.at(-1), ...shapes, ...findings.slice(1, 4)];
  return [...new Set(samples.filter(Boolean))];
}

// Columns count characters from one; the end is exclusive.
function spanText({ startLine, startColumn, endLine, endColumn, excerpt }) {
  const parts = [];
  for (let line = startLine; line <= endLine; line += 1) {
    const characters = [...(excerpt.lines[line - excerpt.firstLine] ?? "")];
    const first = excerpt.firstColumn ?? 1;
    const from = line === startLine ? startColumn - first : 0;
    const to = line === endLine ? endColumn - first : characters.length;
    parts.push(characters.slice(from, to).join(""));
  }
  return parts.filter(Boolean).join("\n");
}

function samplePages(report, open) {
  const known = report.clusters.slice(0, 2).map(({ id }) => `#/cluster/${encodeURIComponent(id)}`);
  const controls = report.controls.slice(0, 2).map(({ code }) => `#/control/${code}`);
  const results = ["fail", "unknown", "pass", "not-applicable"];
  const findings = results.map((result) => report.findings.find((finding) => finding.result === result)).filter(Boolean);
  return [
    "#/",
    "#/findings",
    ...(open.length ? ["#/findings?group=control", `#/findings?q=${open[0].control}`] : []),
    "#/clusters",
    "#/controls",
    "#/recommendation/1",
    "#/nowhere",
    ...known,
    ...controls,
    ...findings.map(({ fingerprint }) => `#/finding/${fingerprint}`),
  ];
}

function screenshots(report, open) {
  const finding = open.find(({ location }) => location?.excerpt) ?? open[0];
  const detail = finding ? `#/finding/${finding.fingerprint}` : "#/findings";
  const cluster = report.clusters.length ? `#/cluster/${encodeURIComponent(report.clusters[0].id)}` : "#/clusters";
  return [
    { name: "overview-light", hash: "#/", viewport: DESKTOP, theme: "light" },
    { name: "overview-dark", hash: "#/", viewport: DESKTOP, theme: "dark" },
    { name: "findings-light", hash: "#/findings", viewport: DESKTOP, theme: "light" },
    { name: "finding-light", hash: detail, viewport: DESKTOP, theme: "light" },
    { name: "finding-dark", hash: detail, viewport: DESKTOP, theme: "dark" },
    { name: "cluster-light", hash: cluster, viewport: DESKTOP, theme: "light" },
    { name: "overview-phone", hash: "#/", viewport: PHONE, theme: "light" },
    { name: "finding-phone", hash: detail, viewport: PHONE, theme: "dark" },
  ];
}

// ------------------------------------------------------------- what is on screen

async function shownFingerprints(page) {
  for (;;) {
    const more = page.getByRole("button", { name: /^Show .* more of/ });
    if ((await more.count()) === 0) break;
    await more.click();
  }
  const keys = await page.locator(ROW).evaluateAll((rows) => rows.map((row) => row.dataset.finding));
  return keys.map((key) => key.split("~")[0]).sort();
}

async function markedText(source) {
  const marks = await source.locator("mark").allTextContents();
  return marks.filter(Boolean).join("\n");
}

async function tabUntil(page, selector) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`Tab never reaches ${selector}`);
}

// The functions below run in the page.

function namelessElements() {
  const readable = (node) => {
    const copy = node.cloneNode(true);
    for (const hidden of copy.querySelectorAll("[aria-hidden=true]")) hidden.remove();
    return copy.textContent.trim();
  };
  const nameOf = (node) =>
    node.getAttribute("aria-label")?.trim() ||
    document.getElementById(node.getAttribute("aria-labelledby"))?.textContent.trim() ||
    node.getAttribute("alt")?.trim() ||
    (node.labels?.length ? readable(node.labels[0]) : "") ||
    readable(node);
  const offered = document.querySelectorAll("a, button, input, select, summary, img, [role=img], [role=region], dialog");
  const drawings = [...document.querySelectorAll("svg:not([aria-hidden=true])")].filter((drawing) => !drawing.closest("[role=img]"));
  return [...[...offered].filter((node) => !nameOf(node)), ...drawings].map((node) => node.outerHTML.slice(0, 120));
}

function brokenHeadingOrder() {
  const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")];
  const level = (heading) => Number(heading.tagName[1]);
  return headings.filter((heading, index) => index > 0 && level(heading) > level(headings[index - 1]) + 1).map((heading) => heading.outerHTML);
}

function faintTexts(least) {
  const channels = (colour) => (/^rgba?\(/.test(colour) ? colour.match(/[\d.]+/g).map(Number) : [0, 0, 0, 0]);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (node) => {
    const [light, dark] = [channels(getComputedStyle(node).color).slice(0, 3), backgroundOf(node)].map(luminance).sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const nodes = [...document.querySelectorAll("body *")].filter((node) => hasText(node) && node.checkVisibility() && !node.closest(":disabled, script, style, option, svg"));
  return nodes.filter((node) => contrast(node) < least).map((node) => `${contrast(node).toFixed(2)} ${node.outerHTML.slice(0, 100)}`);
}
