/* Lighthouse on pages of one address: node audit.mjs CHROMIUM ADDRESS < lines of "path cookie". Prints scores. */
import { readFileSync } from "node:fs";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [chromePath, address] = process.argv.slice(2);
const lines = readFileSync(0, "utf8").trim().split("\n");
const browser = await launch({
  chromePath,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
try {
  const driver = await puppeteer.connect({ browserURL: `http://127.0.0.1:${browser.port}`, defaultViewport: null });
  const page = await driver.newPage();
  for (const line of lines) {
    const [path, cookie] = line.split(" ");
    const flags = { port: browser.port, onlyCategories: ["performance", "accessibility"], logLevel: "error" };
    if (cookie) await page.setCookie({ name: "session", value: cookie, url: address });
    const { lhr } = await lighthouse(address + path, flags, undefined, page);
    const score = (name) => {
      const found = lhr.categories[name].score;
      return found === null ? "none" : Math.round(found * 100);
    };
    const figure = (name) => lhr.audits[name].displayValue;
    const [performance, accessibility] = [score("performance"), score("accessibility")];
    const verdict = performance >= 95 && accessibility >= 95 ? "ok" : "below 95";
    const landed = new URL(lhr.finalDisplayedUrl).pathname;
    const moved = landed === path ? "" : ` (arrived at ${landed})`;
    console.log(
      `${path.padEnd(14)} performance ${String(performance).padStart(3)}  accessibility ${String(accessibility).padStart(3)}` +
        `  first paint ${figure("first-contentful-paint")}  largest ${figure("largest-contentful-paint")}` +
        `  blocking ${figure("total-blocking-time")}  shift ${figure("cumulative-layout-shift")}  ${verdict}${moved}`,
    );
    for (const { id } of lhr.categories.accessibility.auditRefs) {
      const audit = lhr.audits[id];
      if (audit.score !== null && audit.score < 1) console.log(`    accessibility: ${audit.title}`);
    }
  }
  await driver.disconnect();
} finally {
  await browser.kill();
}
