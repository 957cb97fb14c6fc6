// Looks at the picture of `palisade connectivity --format svg` in a real browser, headless.
//
// PALISADE_CONNECTIVITY_SVG   the picture, or several separated as in PATH
// CHROMIUM                    the browser, /usr/bin/chromium unless told otherwise
// PALISADE_SCREENSHOTS        a folder for screenshots; none are taken without it

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PICTURES = (process.env.PALISADE_CONNECTIVITY_SVG ?? "").split(delimiter).filter(Boolean);
const SCREENSHOTS = process.env.PALISADE_SCREENSHOTS;
const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
};
const LEAST_CONTRAST = 4.5;

test("a picture is named in PALISADE_CONNECTIVITY_SVG", () => {
  assert.notEqual(PICTURES.length, 0, "set PALISADE_CONNECTIVITY_SVG to the path of a picture");
});

for (const path of PICTURES) describe(basename(path), () => exercise(resolve(path)));

function exercise(path) {
  const pages = {};
  let browser;

  before(async () => {
    browser = await chromium.launch(BROWSER);
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1400, height: 900 } });
      const page = await context.newPage();
      await page.goto(pathToFileURL(path).href);
      pages[colorScheme] = page;
    }
  });

  after(async () => {
    await browser?.close();
  });

  test("no text stands on another", async () => {
    const texts = await boxes(pages.light, "text");
    assert.notEqual(texts.length, 0);
    texts.sort((one, other) => one.top - other.top);
    for (const [place, one] of texts.entries()) {
      for (const other of texts.slice(place + 1)) {
        if (other.top >= one.bottom) break;
        const apart = one.right <= other.left || other.right <= one.left;
        assert.ok(apart, `“${one.text}” and “${other.text}” overlap`);
      }
    }
  });

  test("everything is within the picture", async () => {
    const [picture] = await boxes(pages.light, "svg");
    for (const box of await boxes(pages.light, "text, rect, path")) {
      assert.ok(within(box, picture), `${box.name} “${box.text}” sticks out`);
    }
  });

  test("a card holds its text", async () => {
    const outside = await pages.light.evaluate(() =>
      [...document.querySelectorAll(".party")].flatMap((party) => {
        const card = party.querySelector("rect").getBoundingClientRect();
        const texts = [...party.querySelectorAll("text")];
        const sticksOut = (text) => {
          const box = text.getBoundingClientRect();
          return box.left < card.left || box.right > card.right || box.top < card.top || box.bottom > card.bottom;
        };
        return texts.filter(sticksOut).map((text) => text.textContent);
      }),
    );
    assert.deepEqual(outside, []);
  });

  test("cards and frames stand apart", async () => {
    for (const selector of [".card", ".frame, .lane"]) {
      const cards = await boxes(pages.light, selector);
      for (const [place, one] of cards.entries()) {
        for (const other of cards.slice(place + 1)) {
          const apart =
            one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
          assert.ok(apart, `two of ${selector} overlap`);
        }
      }
    }
  });

  test("it says what it is to those who don't see it", async () => {
    const labels = await pages.light.evaluate(() => {
      const ids = document.documentElement.getAttribute("aria-labelledby").split(" ");
      return ids.map((id) => document.getElementById(id).textContent);
    });
    assert.equal(labels.length, 2);
    for (const label of labels) assert.notEqual(label, "");
  });

  test("text is legible by day and by night", async () => {
    const grounds = [];
    for (const page of Object.values(pages)) {
      const found = await page.evaluate(() => {
        const colour = (selector, property) => {
          const element = document.querySelector(selector);
          return element && getComputedStyle(element)[property];
        };
        const texts = ["text.row", "text.faint", "text.head", "text.title"];
        const grounds = [".ground", ".card", ".frame"];
        return {
          texts: texts.map((selector) => colour(selector, "fill")).filter(Boolean),
          grounds: grounds.map((selector) => colour(selector, "fill")).filter(Boolean),
        };
      });
      for (const text of found.texts) {
        for (const ground of found.grounds) {
          assert.ok(contrast(text, ground) >= LEAST_CONTRAST, `${text} on ${ground}`);
        }
      }
      grounds.push(found.grounds[0]);
    }
    assert.notEqual(grounds[0], grounds[1]);
  });

  test("screenshots", { skip: SCREENSHOTS ? false : "PALISADE_SCREENSHOTS is not set" }, async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const [scheme, page] of Object.entries(pages)) {
      const [{ right, bottom }] = await boxes(page, "svg");
      await page.setViewportSize({ width: Math.ceil(right), height: Math.ceil(bottom) });
      await page.screenshot({ path: join(SCREENSHOTS, `${basename(path, ".svg")}-${scheme}.png`) });
    }
  });
}

function boxes(page, selector) {
  return page.evaluate((selector) => {
    // The picture itself is the document; its size is what it says.
    const found = selector === "svg" ? [document.documentElement] : [...document.querySelectorAll(selector)];
    return found.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const text = element.tagName === "text" ? element.textContent : "";
      return { name: element.tagName, text, left, right, top, bottom };
    });
  }, selector);
}

function within(inner, outer) {
  const sides = [inner.left - outer.left, outer.right - inner.right, inner.top - outer.top, outer.bottom - inner.bottom];
  return sides.every((room) => room >= -0.5);
}

function contrast(one, other) {
  const [light, dark] = [one, other].map(luminance).sort((left, right) => right - left);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
